/** Series by what they are, with their values of each minute in the notation of promtool. */
export type Series = Readonly<Record<string, string>>

export interface AlertCase {
  /** Minutes after which the alert is looked at. */
  readonly atM: number
  readonly fires: Series
  readonly calm: Series
}

const READS = 'ringside_requests_total{namespace="shop",keyspace="product",method="Get",outcome="found",source='

/** What each alert is about, and what it is not to be taken in by. */
export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  RingsideDatabaseFallback: {
    atM: 15,
    fires: { 'ringside_origin_loads_total{namespace="shop",origin="db",cause="fallback"}': '0+120x20' },
    calm: {
      'ringside_origin_loads_total{namespace="shop",origin="db",cause="fallback"}': '0+30x20',
      'ringside_origin_loads_total{namespace="shop",origin="db",cause="miss"}': '0+9000x20',
    },
  },
  RingsideOriginRejecting: {
    atM: 15,
    fires: { 'ringside_origin_rejected_total{namespace="shop",origin="db",reason="limit"}': '0+120x20' },
    calm: { 'ringside_origin_rejected_total{namespace="shop",origin="db",reason="limit"}': '0+120x2 240x20' },
  },
  RingsideHitRatioDrop: {
    atM: 440,
    fires: { [`${READS}"near"}`]: '0+5700x400 2280000+3000x60', [`${READS}"origin"}`]: '0+300x400 120000+3000x60' },
    calm: { [`${READS}"near"}`]: '0+5700x460', [`${READS}"origin"}`]: '0+300x460' },
  },
  RingsideStalenessViolation: {
    atM: 15,
    fires: { 'ringside_audit_violations_total{namespace="shop",keyspace="product",against="shard"}': '0x10 1x20' },
    calm: { 'ringside_audit_violations_total{namespace="shop",keyspace="product",against="shard"}': '3x30' },
  },
  RingsideShardDown: {
    atM: 10,
    fires: {
      'ringside_shard_up{namespace="shop",pod="a",shard="s"}': '1x3 0x20',
      'ringside_shard_up{namespace="shop",pod="b",shard="s"}': '1x3 0x20',
    },
    calm: {
      'ringside_shard_up{namespace="shop",pod="a",shard="s"}': '0x20',
      'ringside_shard_up{namespace="shop",pod="b",shard="s"}': '1x20',
    },
  },
  RingsideBreakerOpen: {
    atM: 10,
    fires: { 'ringside_breaker_state{namespace="shop",pod="a",name="shard:s"}': '0x3 2x20' },
    calm: { 'ringside_breaker_state{namespace="shop",pod="a",name="shard:s"}': '2x1 1x1 0x20' },
  },
  RingsideInvalidationsDeferred: {
    atM: 10,
    fires: { 'ringside_journal_keys{namespace="shop",pod="a",shard="s"}': '3x20' },
    calm: { 'ringside_journal_keys{namespace="shop",pod="a",shard="s"}': '3x2 0x20' },
  },
  RingsideInvalidationsFailing: {
    atM: 15,
    fires: { 'ringside_invalidations_total{namespace="shop",keyspace="product",result="failed"}': '0+1x20' },
    calm: {
      'ringside_invalidations_total{namespace="shop",keyspace="product",result="failed"}': '7x20',
      'ringside_invalidations_total{namespace="shop",keyspace="product",result="deferred"}': '0+9x20',
    },
  },
  RingsideTrackingDown: {
    atM: 20,
    fires: { 'ringside_tracking_up{namespace="shop",pod="a",shard="s"}': '0x30' },
    calm: { 'ringside_tracking_up{namespace="shop",pod="a",shard="s"}': '0x5 1x30' },
  },
  RingsideNearCachePressure: {
    atM: 60,
    fires: {
      'ringside_near_evictions_total{namespace="shop",pod="a",cause="policy"}': '0+600x70',
      'ringside_near_hits_total{namespace="shop",pod="a"}': '0+600x70',
      'ringside_near_bytes{namespace="shop",pod="a"}': '99x70',
      'ringside_near_limit_bytes{namespace="shop",pod="a"}': '100x70',
    },
    calm: {
      'ringside_near_evictions_total{namespace="shop",pod="a",cause="expired"}': '0+600x70',
      'ringside_near_hits_total{namespace="shop",pod="a"}': '0+600x70',
      'ringside_near_bytes{namespace="shop",pod="a"}': '50x70',
      'ringside_near_limit_bytes{namespace="shop",pod="a"}': '100x70',
    },
  },
  RingsideShardMemoryFull: {
    atM: 30,
    fires: {
      'ringside_shard_memory_bytes{namespace="shop",pod="a",shard="s"}': '99x40',
      'ringside_shard_memory_limit_bytes{namespace="shop",pod="a",shard="s"}': '100x40',
    },
    calm: {
      'ringside_shard_memory_bytes{namespace="shop",pod="a",shard="s"}': '90x40',
      'ringside_shard_memory_limit_bytes{namespace="shop",pod="a",shard="s"}': '100x40',
    },
  },
  RingsideOverloaded: {
    atM: 10,
    fires: { 'ringside_overloaded{namespace="shop",pod="a",cause="loop"}': '1x20' },
    calm: { 'ringside_overloaded{namespace="shop",pod="a",cause="loop"}': '1x3 0x20' },
  },
  RingsideRingsDiffer: {
    atM: 20,
    fires: { 'ringside_rings_differ_seconds{namespace="shop",pod="a"}': '0+60x30' },
    calm: { 'ringside_rings_differ_seconds{namespace="shop",pod="a"}': '0+60x5 0x30' },
  },
  RingsideConfigRefused: {
    atM: 15,
    fires: {
      'ringside_config_reloads_total{namespace="shop",pod="a",result="refused"}': '0x3 1x20',
      'ringside_config_in_force{namespace="shop",pod="a"}': '1x3 0x20',
    },
    calm: {
      'ringside_config_reloads_total{namespace="shop",pod="a",result="refused"}': '0x3 1x20',
      'ringside_config_in_force{namespace="shop",pod="a"}': '1x3 0x2 1x20',
    },
  },
  RingsideCertificateExpiry: {
    atM: 20,
    fires: { 'ringside_injector_certificate_expiry_seconds{pod="i"}': '500000x30' },
    calm: { 'ringside_injector_certificate_expiry_seconds{pod="i"}': '2000000x30' },
  },
  RingsideNotInjected: {
    atM: 15,
    fires: { 'ringside_injector_not_injected_total{pod="i"}': '0x10 1x20' },
    calm: { 'ringside_injector_not_injected_total{pod="i"}': '4x30' },
  },
}
