export interface Query {
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  readonly unit: string
  readonly queries: readonly Query[]
  readonly description?: string
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** Of the pods that are chosen at the top of the dashboard. */
const PODS = 'namespace=~"$namespace", pod=~"$pod"'

function rate(metric: string, by: string, more = ''): string {
  return `sum by (${by}) (rate(${metric}{${PODS}${more}}[$__rate_interval]))`
}

function quantile(share: number, metric: string, by: string): string {
  return `histogram_quantile(${share}, ${rate(`${metric}_bucket`, `${by}, le`)})`
}

function of(aggregate: 'sum' | 'max' | 'min' | 'avg', metric: string, by: string): string {
  return `${aggregate} by (${by}) (${metric}{${PODS}})`
}

/** A panel with one query for each label `by`. */
function panel(title: string, unit: string, expr: string, by: string, description?: string): Panel {
  const legend = by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ')
  return { title, unit, queries: [{ expr, legend }], ...(description === undefined ? {} : { description }) }
}

/** From what the database feels to what the machine does. */
export const ROWS: readonly Row[] = [
  {
    title: 'What the database feels',
    panels: [
      panel(
        'Database traffic during cache degradation',
        'reqps',
        rate('ringside_origin_loads_total', 'origin', ', cause="fallback"'),
        'origin',
        'Keys asked of the origin since the shard could not answer. Zero while all is well.',
      ),
      panel('Loads by cause', 'reqps', rate('ringside_origin_loads_total', 'origin, cause'), 'origin, cause'),
      {
        title: 'Calls under way, and how many may be',
        unit: 'short',
        queries: [
          { expr: of('sum', 'ringside_origin_in_flight', 'origin'), legend: '{{origin}} in flight' },
          { expr: of('sum', 'ringside_origin_concurrency_limit', 'origin'), legend: '{{origin}} limit' },
          { expr: of('sum', 'ringside_origin_waiting', 'origin'), legend: '{{origin}} waiting' },
        ],
      },
      panel(
        'Refused at the limit',
        'reqps',
        rate('ringside_origin_rejected_total', 'origin, reason'),
        'origin, reason',
      ),
    ],
  },
  {
    title: 'What users feel',
    panels: [
      panel(
        'Reads by source',
        'reqps',
        rate('ringside_requests_total', 'source', ', method=~"Get|BatchGet"'),
        'source',
      ),
      panel('Calls by outcome', 'reqps', rate('ringside_requests_total', 'outcome'), 'outcome'),
      {
        title: 'Duration of calls',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map((share) => ({
          expr: quantile(share, 'ringside_request_seconds', 'method'),
          legend: `{{method}} p${share * 100}`,
        })),
      },
      panel('Duration of the rungs, p99', 's', quantile(0.99, 'ringside_rung_seconds', 'rung'), 'rung'),
    ],
  },
  {
    title: 'How fresh answers are',
    panels: [
      panel(
        'Age of what is known to be current, p99',
        's',
        quantile(0.99, 'ringside_staleness_seconds', 'keyspace'),
        'keyspace',
      ),
      panel('Degraded answers', 'reqps', rate('ringside_degraded_total', 'keyspace'), 'keyspace'),
      panel('Audits', 'reqps', rate('ringside_audited_total', 'against, result'), 'against, result'),
      panel('Invalidations', 'reqps', rate('ringside_invalidations_total', 'result'), 'result'),
      panel('Invalidations that wait in journals', 'short', of('sum', 'ringside_journal_keys', 'shard'), 'shard'),
    ],
  },
  {
    title: 'Near caches',
    panels: [
      {
        title: 'Bytes',
        unit: 'bytes',
        queries: [
          { expr: `sum(ringside_near_bytes{${PODS}})`, legend: 'held' },
          { expr: `sum(ringside_near_limit_bytes{${PODS}})`, legend: 'limit' },
        ],
      },
      {
        title: 'Lookups',
        unit: 'reqps',
        queries: [
          { expr: `sum(rate(ringside_near_hits_total{${PODS}}[$__rate_interval]))`, legend: 'found' },
          { expr: `sum(rate(ringside_near_misses_total{${PODS}}[$__rate_interval]))`, legend: 'not found' },
        ],
      },
      panel('Entries that left', 'reqps', rate('ringside_near_evictions_total', 'cause'), 'cause'),
      panel('Changes are heard of', 'percentunit', of('avg', 'ringside_tracking_up', 'shard'), 'shard'),
    ],
  },
  {
    title: 'The shared tier',
    panels: [
      panel('Sidecars that a shard answers', 'percentunit', of('avg', 'ringside_shard_up', 'shard'), 'shard'),
      panel('Reads', 'reqps', rate('ringside_shard_reads_total', 'shard'), 'shard'),
      panel('Errors', 'reqps', rate('ringside_shard_errors_total', 'shard, kind'), 'shard, kind'),
      panel('Circuit breakers (2 = open)', 'short', of('max', 'ringside_breaker_state', 'name'), 'name'),
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [
          { expr: of('max', 'ringside_shard_memory_bytes', 'shard'), legend: '{{shard}}' },
          { expr: of('max', 'ringside_shard_memory_limit_bytes', 'shard'), legend: '{{shard}} limit' },
        ],
      },
      panel(
        'New epochs',
        'short',
        `sum by (shard) (increase(ringside_shard_epochs_total{${PODS}}[$__rate_interval]))`,
        'shard',
      ),
    ],
  },
  {
    title: 'Sidecars',
    panels: [
      panel('Calls refused', 'reqps', rate('ringside_shed_total', 'cause'), 'cause'),
      panel('Resident memory', 'bytes', of('max', 'process_resident_memory_bytes', 'pod'), 'pod'),
      panel('CPU', 'percentunit', rate('process_cpu_seconds_total', 'pod'), 'pod'),
      panel('Configuration in force', 'short', of('min', 'ringside_config_in_force', 'pod'), 'pod'),
    ],
  },
]
