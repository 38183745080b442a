/** What somebody is told of. `page`: wakes people; `ticket`: waits for the morning. */
export interface Alert {
  readonly alert: string
  readonly expr: string
  /** How long it has to be so. */
  readonly for: string
  readonly severity: 'page' | 'ticket'
  /** One line; `$labels` and `$value` are those of Prometheus. */
  readonly summary: string
}

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

/** In the order of what hurts most: the database, answers that are wrong, the shared tier, then what can wait. */
export const ALERTS: readonly Alert[] = [
  {
    alert: 'RingsideDatabaseFallback',
    expr: 'sum by (namespace, origin) (ringside:database_loads:rate5m{cause="fallback"}) > 1',
    for: '2m',
    severity: 'page',
    summary: 'The cache cannot answer: {{ $value | humanize }} keys/s go to origin {{ $labels.origin }} instead.',
  },
  {
    alert: 'RingsideOriginRejecting',
    expr: 'sum by (namespace, origin) (rate(ringside_origin_rejected_total[5m])) > 1',
    for: '5m',
    severity: 'page',
    summary: 'Origin {{ $labels.origin }} is at its limit: {{ $value | humanize }} keys/s are refused.',
  },
  {
    alert: 'RingsideHitRatioDrop',
    expr: [
      'ringside:hit_ratio:rate5m < 0.8 * avg_over_time(ringside:hit_ratio:rate5m[6h] offset 1h)',
      'and on (namespace, keyspace) ringside:reads:rate5m > 10',
    ].join(' '),
    for: '15m',
    severity: 'ticket',
    summary: 'The hit ratio of keyspace {{ $labels.keyspace }} has fallen to {{ $value | humanizePercentage }}.',
  },
  {
    alert: 'RingsideStalenessViolation',
    expr: 'sum by (namespace, keyspace, against) (increase(ringside_audit_violations_total[15m])) > 0',
    for: '0m',
    severity: 'page',
    summary:
      'Answers of keyspace {{ $labels.keyspace }} were older than its bound (audited against the {{ $labels.against }}).',
  },
  {
    alert: 'RingsideShardDown',
    expr: 'avg by (namespace, shard) (ringside_shard_up) < 0.5',
    for: '1m',
    severity: 'page',
    summary: 'Shard {{ $labels.shard }} gives no answer to most sidecars.',
  },
  {
    alert: 'RingsideBreakerOpen',
    expr: 'count by (namespace, name) (ringside_breaker_state == 2) > 0',
    for: '2m',
    severity: 'page',
    summary: 'The circuit breaker {{ $labels.name }} is open in {{ $value }} sidecars.',
  },
  {
    alert: 'RingsideInvalidationsDeferred',
    expr: 'sum by (namespace, shard) (ringside_journal_keys) > 0',
    for: '5m',
    severity: 'ticket',
    summary:
      '{{ $value }} invalidations have yet to reach shard {{ $labels.shard }}: what they are about may be stale.',
  },
  {
    alert: 'RingsideInvalidationsFailing',
    expr: 'sum by (namespace, keyspace) (rate(ringside_invalidations_total{result="failed"}[5m])) > 0',
    for: '5m',
    severity: 'page',
    summary: 'Invalidations of keyspace {{ $labels.keyspace }} fail: applications cannot make their changes visible.',
  },
  {
    alert: 'RingsideTrackingDown',
    expr: 'avg by (namespace, shard) (ringside_tracking_up) < 0.5',
    for: '10m',
    severity: 'ticket',
    summary: 'Changes of shard {{ $labels.shard }} are not heard of: its values cannot be kept near for long.',
  },
  {
    alert: 'RingsideNearCachePressure',
    expr: [
      'sum by (namespace) (rate(ringside_near_evictions_total[15m]))',
      '> 0.5 * sum by (namespace) (rate(ringside_near_hits_total[15m]))',
      'and sum by (namespace) (ringside_near_bytes) > 0.9 * sum by (namespace) (ringside_near_limit_bytes)',
    ].join(' '),
    for: '30m',
    severity: 'ticket',
    summary: 'Near caches are full and drop entries half as often as they answer from them.',
  },
  {
    alert: 'RingsideShardMemoryFull',
    expr: 'max by (namespace, shard) (ringside_shard_memory_bytes) / max by (namespace, shard) (ringside_shard_memory_limit_bytes) > 0.95',
    for: '15m',
    severity: 'ticket',
    summary: 'Shard {{ $labels.shard }} uses {{ $value | humanizePercentage }} of its memory.',
  },
  {
    alert: 'RingsideOverloaded',
    expr: 'max by (namespace, pod, cause) (ringside_overloaded) > 0',
    for: '5m',
    severity: 'ticket',
    summary: 'The sidecar of {{ $labels.pod }} refuses calls: {{ $labels.cause }}.',
  },
  {
    alert: 'RingsideRingsDiffer',
    expr: 'max by (namespace) (ringside_rings_differ_seconds) > 600',
    for: '1m',
    severity: 'ticket',
    summary: 'The sidecars have had different lists of nodes for {{ $value | humanizeDuration }}.',
  },
  {
    alert: 'RingsideConfigRefused',
    expr: [
      'sum by (namespace) (increase(ringside_config_reloads_total{result="refused"}[1h])) > 0',
      'and on (namespace) min by (namespace) (ringside_config_in_force) == 0',
    ].join(' '),
    for: '5m',
    severity: 'ticket',
    summary: 'A changed configuration file is refused; the one before stays in force.',
  },
  {
    alert: 'RingsideCertificateExpiry',
    expr: `min(ringside_injector_certificate_expiry_seconds) < ${7 * DAY_S}`,
    for: '10m',
    severity: 'page',
    summary: 'The certificate of the injector expires in {{ $value | humanizeDuration }}, and nobody renews it.',
  },
  {
    alert: 'RingsideNotInjected',
    expr: 'sum(increase(ringside_injector_not_injected_total[15m])) > 0',
    for: '0m',
    severity: 'ticket',
    summary: 'Pods that had opted in have started without a sidecar.',
  },
]
