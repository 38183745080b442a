/** A series that Prometheus works out once for all who ask. */
export interface Recording {
  readonly record: string
  readonly expr: string
}

const READS = 'method=~"Get|BatchGet"'

/** By namespace, so that the teams of a cluster see their own. */
export const RECORDINGS: readonly Recording[] = [
  {
    record: 'ringside:database_loads:rate5m',
    expr: 'sum by (namespace, origin, cause) (rate(ringside_origin_loads_total[5m]))',
  },
  {
    record: 'ringside:reads:rate5m',
    expr: `sum by (namespace, keyspace) (rate(ringside_requests_total{${READS}, source!="none"}[5m]))`,
  },
  {
    record: 'ringside:hit_ratio:rate5m',
    expr: [
      `sum by (namespace, keyspace) (rate(ringside_requests_total{${READS}, outcome!="miss", source!~"origin|none"}[5m]))`,
      '/ (ringside:reads:rate5m > 0)',
    ].join(' '),
  },
  {
    record: 'ringside:request_seconds:p99_5m',
    expr: 'histogram_quantile(0.99, sum by (namespace, method, le) (rate(ringside_request_seconds_bucket[5m])))',
  },
]
