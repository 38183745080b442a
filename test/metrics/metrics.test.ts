import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Buckets } from '../../src/base/buckets.ts'
import { AuditTally } from '../../src/cache/audit-tally.ts'
import type { ReadPathStats } from '../../src/cache/read-path-stats.ts'
import type { BreakerState } from '../../src/guard/breaker.ts'
import { Latency } from '../../src/metrics/latency.ts'
import { createMetrics, type MetricSources, type Metrics } from '../../src/metrics/metrics.ts'
import { RequestMeter } from '../../src/metrics/request-meter.ts'
import type { OriginStats } from '../../src/origin/origin.ts'
import { noRefusals } from '../../src/origin/refusal.ts'
import type { ShardState, ShardStats } from '../../src/store/shard-stats.ts'

const NEAR = {
  bytes: 10,
  limitBytes: 100,
  entries: 2,
  hits: 7,
  misses: 3,
  evictions: { size: 1, expired: 0, dropped: 4, replaced: 0, rejected: 0, 'negative-share': 0 },
}

const SHARD: ShardStats = {
  reads: 5,
  malformed: 1,
  server: {
    memoryBytes: 1024,
    memoryLimitBytes: undefined,
    fragmentationRatio: 1.5,
    evictedKeys: 0,
    trackedKeys: 12,
    trackedKeysLimit: 1_000,
    warnings: [],
  },
  epochs: 2,
  trackingUp: true,
  replicas: [
    { name: '1', lagMs: 250 },
    { name: '2', lagMs: undefined },
  ],
  errors: new Map([['timeout', 2]]),
  journal: { keys: 4, bytes: 200, losses: { full: 1, damaged: 0, missing: 0 } },
}

const ORIGIN: OriginStats = {
  loads: { miss: 4, refresh: 1, fallback: 2, audit: 3, warm: 0 },
  stores: { stored: 9, refused: 2, unchanged: 1, unknown: 3 },
  limit: 8,
  share: 12,
  inFlight: 3,
  waiting: 9,
  rejected: { ...noRefusals(), limit: 6, breaker: 1 },
  retries: 2,
}

let requests: RequestMeter
let rungs: Latency
let readPath: ReadPathStats
let shardState: ShardState
let breaker: BreakerState
let metrics: Metrics

beforeEach(() => {
  requests = new RequestMeter((name) => name === 'product')
  rungs = new Latency()
  const valueBytes = new Buckets([64, 256])
  valueBytes.add(100)
  readPath = {
    flightsJoined: 8,
    leases: { granted: 5, busy: 2 },
    refreshes: { stored: 1 },
    copyFills: { filled: 6, lost: 1 },
    keyspaces: new Map([
      [
        'product',
        { degraded: 2, staleness: new Buckets([1]), valueBytes, invalidations: { done: 3, deferred: 2, failed: 1 } },
      ],
    ]),
  }
  const audits = new AuditTally(['product'])
  audits.count('product', 'shard', 'current', 0)
  audits.count('product', 'shard', 'violation', 7_000)
  audits.count('product', 'origin', 'unknown')
  shardState = { up: true, warnings: [] }
  breaker = 'closed'
  const sources: MetricSources = {
    requests,
    inFlight: () => 11,
    overload: { cause: 'loop', stats: () => ({ loop: 7, memory: 0 }) },
    rungs,
    engine: () => ({ connections: 3, faults: new Map([['ENHANCE_YOUR_CALM', 1]]) }),
    near: () => ({ ...NEAR, tieBytes: 300 }),
    readPath: () => readPath,
    warming: { stats: () => [['product', { loaded: 7, present: 2, missing: 1, failed: 0 }, true]] },
    keyspaceVersions: () => [['product', 4]],
    hotKeys: {
      own: () => [
        { name: { policy: { name: 'product' }, tenant: '', key: '42' }, readsPerSecond: 12.5 },
        { name: { policy: { name: 'product' }, tenant: 'acme', key: '7' }, readsPerSecond: 3 },
      ],
      copied: () => 4,
      changes: { promoted: 6, demoted: 2 },
    },
    locks: { results: { granted: 9, busy: 1 }, waiting: 2 },
    audits: () => audits.keyspaces,
    shards: () => [{ name: 'a', state: () => shardState, stats: () => SHARD }],
    ring: { differMs: 1_500, movedShare: 0.25 },
    origins: () => [{ name: 'catalog', stats: () => ORIGIN }],
    backlogs: {
      stats: () => ({
        shards: [{ shard: 'a', size: 7, oldestMs: 1_500 }],
        keys: { stored: 5, refused: 1, failed: 2 },
      }),
    },
    flush: { counts: { removed: 12, kept: 3 } },
    packing: {
      stats: new Map([
        ['product', { packed: 4, kept: 3, bytesBefore: 40_000, bytesAfter: 12_000, unpacked: 8, corrupt: 1 }],
      ]),
    },
    shares: () => [
      { origin: 'catalog', asks: { granted: 5, waiting: 2, unanswered: 1 }, leased: true, seat: 'beyond' },
    ],
    breakers: () => [{ name: 'shard-a', state: () => breaker }],
    events: () => [
      {
        name: 'shop',
        state: () => ({ is: 'active' }),
        stats: () => ({ results: { applied: 9, ignored: 4, malformed: 1, failed: 2 }, lagMs: 250, gaps: 1 }),
      },
    ],
    reloads: { results: { applied: 2, partial: 0, refused: 1 }, isInForce: false },
  }
  metrics = createMetrics(sources)
})

/** The lines of one metric, without comments. */
async function lines(name: string): Promise<string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(name))
}

describe('the metrics page', () => {
  it('tells what became of changes of the configuration, and whether the file is in force', async () => {
    expect(await lines('ringside_config_')).toEqual([
      'ringside_config_reloads_total{result="applied"} 2',
      'ringside_config_reloads_total{result="partial"} 0',
      'ringside_config_reloads_total{result="refused"} 1',
      'ringside_config_in_force 0',
    ])
  })

  it('tells how far flushes have come', async () => {
    expect(await lines('ringside_flushed_')).toEqual([
      'ringside_flushed_keys_total{result="removed"} 12',
      'ringside_flushed_keys_total{result="kept"} 3',
    ])
  })

  it('tells what compression saves, and of what nothing could be made', async () => {
    expect([...(await lines('ringside_compressed_')), ...(await lines('ringside_decompressed_'))]).toEqual([
      'ringside_compressed_values_total{keyspace="product",result="compressed"} 4',
      'ringside_compressed_values_total{keyspace="product",result="kept"} 3',
      'ringside_compressed_bytes_total{keyspace="product",stage="before"} 40000',
      'ringside_compressed_bytes_total{keyspace="product",stage="after"} 12000',
      'ringside_decompressed_values_total{keyspace="product",result="whole"} 8',
      'ringside_decompressed_values_total{keyspace="product",result="corrupt"} 1',
    ])
  })

  it('tells what waits for origins, for how long, and what became of it', async () => {
    expect(await lines('ringside_backlog_')).toEqual([
      'ringside_backlog_records{shard="a"} 7',
      'ringside_backlog_lag_seconds{shard="a"} 1.5',
      'ringside_backlog_keys_total{result="stored"} 5',
      'ringside_backlog_keys_total{result="refused"} 1',
      'ringside_backlog_keys_total{result="failed"} 2',
    ])
  })

  it('names the keys that are read most, whose they are, and how many have copies', async () => {
    expect(await lines('ringside_hot_key_reads')).toEqual([
      'ringside_hot_key_reads{keyspace="product",key="42"} 12.5',
      'ringside_hot_key_reads{keyspace="product",key="acme:7"} 3',
    ])
    expect(await lines('ringside_cop')).toEqual([
      'ringside_copy_fills_total{result="filled"} 6',
      'ringside_copy_fills_total{result="lost"} 1',
      'ringside_copied_keys 4',
      'ringside_copy_changes_total{change="promoted"} 6',
      'ringside_copy_changes_total{change="demoted"} 2',
    ])
  })

  it('has exactly the metrics of docs/metrics.md, with their types and labels', async () => {
    requests.count('Get', 'product', 'found', 'near')
    requests.observe('Get', 0.001)
    rungs.observe('primary', 0.001)
    const page = await metrics.render()
    const rendered = [...page.matchAll(/^# TYPE (ringside_\S+) (\S+)$/gm)].map(([, name, type]) => {
      const sample = new RegExp(`^${name}(?:_bucket)?(?:\\{(.*)\\})? \\S+$`, 'm').exec(page)?.[1] ?? ''
      const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label!).filter((label) => label !== 'le')
      return [name, type, labels.sort().join(' ')]
    })
    const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
    const documented = [...docs.matchAll(/^\| `(ringside_\S+)` \| (\S+) \| (.*?) ?\| /gm)].map(
      ([, name, type, labels]) => [
        name,
        type,
        [...labels!.matchAll(/`(\w+)`/g)]
          .map(([, label]) => label!)
          .sort()
          .join(' '),
      ],
    )
    // A figure that no server has given yet has no sample, so its labels cannot be seen here.
    const seen = rendered.map((row) =>
      row[0] === 'ringside_shard_memory_limit_bytes' ? [row[0], row[1], 'shard'] : row,
    )
    expect(seen.sort()).toStrictEqual(documented.sort())
  })

  it('counts results by keyspace, method, outcome and source', async () => {
    for (let time = 0; time < 3; time += 1) requests.count('Get', 'product', 'found', 'near')
    requests.count('Set', 'product', 'stored', 'none')
    expect(await lines('ringside_requests_total')).toStrictEqual([
      'ringside_requests_total{keyspace="product",method="Get",outcome="found",source="near"} 3',
      'ringside_requests_total{keyspace="product",method="Set",outcome="stored",source="none"} 1',
    ])
  })

  it('shows the same counter again at the next scrape, and never adds it up', async () => {
    requests.count('Get', 'product', 'found', 'near')
    await metrics.render()
    expect(await lines('ringside_requests_total')).toStrictEqual([
      'ringside_requests_total{keyspace="product",method="Get",outcome="found",source="near"} 1',
    ])
    expect(await lines('ringside_near_hits_total')).toStrictEqual(['ringside_near_hits_total 7'])
  })

  it('gives all keyspaces that nobody configured one label', async () => {
    for (let index = 0; index < 1_000; index += 1) requests.count('Get', `made-up-${index}`, 'keyspace_unknown', 'none')
    expect(await lines('ringside_requests_total')).toStrictEqual([
      'ringside_requests_total{keyspace="unknown",method="Get",outcome="keyspace_unknown",source="none"} 1000',
    ])
  })

  it('publishes latencies as cumulative buckets', async () => {
    for (const seconds of [0.00005, 0.0002, 0.0002, 99]) requests.observe('Get', seconds)
    const found = await lines('ringside_request_seconds')
    expect(found).toContain('ringside_request_seconds_bucket{method="Get",le="0.00005"} 1')
    expect(found).toContain('ringside_request_seconds_bucket{method="Get",le="0.0001"} 1')
    expect(found).toContain('ringside_request_seconds_bucket{method="Get",le="0.00025"} 3')
    expect(found).toContain('ringside_request_seconds_bucket{method="Get",le="10"} 3')
    expect(found).toContain('ringside_request_seconds_bucket{method="Get",le="+Inf"} 4')
    expect(found).toContain('ringside_request_seconds_count{method="Get"} 4')
    expect(found.find((line) => line.includes('_sum'))).toMatch(/ 99\.000\d+$/)
  })

  it('publishes what near cache, read path, shards, origins and breakers counted', async () => {
    const page = (await metrics.render()).split('\n')
    for (const line of [
      'ringside_requests_in_flight 11',
      'ringside_near_bytes 10',
      'ringside_near_limit_bytes 100',
      'ringside_near_entries 2',
      'ringside_near_tie_bytes 300',
      'ringside_warm_keys_total{keyspace="product",result="present"} 2',
      'ringside_warm_running{keyspace="product"} 1',
      'ringside_keyspace_version{keyspace="product"} 4',
      'ringside_near_misses_total 3',
      'ringside_near_evictions_total{cause="dropped"} 4',
      'ringside_flights_joined_total 8',
      'ringside_leases_total{result="busy"} 2',
      'ringside_refreshes_total{result="stored"} 1',
      'ringside_copy_fills_total{result="filled"} 6',
      'ringside_degraded_total{keyspace="product"} 2',
      'ringside_value_bytes_bucket{keyspace="product",le="64"} 0',
      'ringside_value_bytes_bucket{keyspace="product",le="256"} 1',
      'ringside_value_bytes_sum{keyspace="product"} 100',
      'ringside_staleness_seconds_count{keyspace="product"} 0',
      'ringside_audited_total{keyspace="product",against="shard",result="current"} 1',
      'ringside_audited_total{keyspace="product",against="origin",result="unknown"} 1',
      'ringside_audit_violations_total{keyspace="product",against="shard"} 1',
      'ringside_audit_violations_total{keyspace="product",against="origin"} 0',
      'ringside_audit_staleness_seconds_bucket{keyspace="product",le="0.001"} 1',
      'ringside_audit_staleness_seconds_sum{keyspace="product"} 7',
      'ringside_shard_up{shard="a"} 1',
      'ringside_shard_reads_total{shard="a"} 5',
      'ringside_shard_malformed_total{shard="a"} 1',
      'ringside_shard_errors_total{shard="a",kind="timeout"} 2',
      'ringside_shard_memory_bytes{shard="a"} 1024',
      'ringside_shard_fragmentation_ratio{shard="a"} 1.5',
      'ringside_shard_evicted_keys_total{shard="a"} 0',
      'ringside_origin_in_flight{origin="catalog"} 3',
      'ringside_origin_concurrency_limit{origin="catalog"} 8',
      'ringside_origin_share{origin="catalog"} 12',
      'ringside_origin_share_asks_total{origin="catalog",result="waiting"} 2',
      'ringside_origin_share_leased{origin="catalog"} 1',
      'ringside_origin_seat{origin="catalog"} 2',
      'ringside_origin_waiting{origin="catalog"} 9',
      'ringside_breaker_state{name="shard-a"} 0',
    ]) {
      expect(page).toContain(line)
    }
    expect(
      page.filter((line) => /^ringside_(invalidations|origin_(loads|rejected))_total\{/.test(line)).sort(),
    ).toStrictEqual([
      'ringside_invalidations_total{keyspace="product",result="deferred"} 2',
      'ringside_invalidations_total{keyspace="product",result="done"} 3',
      'ringside_invalidations_total{keyspace="product",result="failed"} 1',
      'ringside_origin_loads_total{origin="catalog",cause="audit"} 3',
      'ringside_origin_loads_total{origin="catalog",cause="fallback"} 2',
      'ringside_origin_loads_total{origin="catalog",cause="miss"} 4',
      'ringside_origin_loads_total{origin="catalog",cause="refresh"} 1',
      'ringside_origin_loads_total{origin="catalog",cause="warm"} 0',
      'ringside_origin_rejected_total{origin="catalog",reason="breaker"} 1',
      'ringside_origin_rejected_total{origin="catalog",reason="deadline"} 0',
      'ringside_origin_rejected_total{origin="catalog",reason="displaced"} 0',
      'ringside_origin_rejected_total{origin="catalog",reason="hopeless"} 0',
      'ringside_origin_rejected_total{origin="catalog",reason="limit"} 6',
      'ringside_origin_rejected_total{origin="catalog",reason="retries"} 0',
      'ringside_origin_rejected_total{origin="catalog",reason="yielded"} 0',
    ])
  })

  it('leaves out what a server has not told yet', async () => {
    expect(await lines('ringside_shard_memory_limit_bytes')).toStrictEqual([])
  })

  it('reads states anew at each scrape', async () => {
    shardState = { up: false, why: 'connection refused' }
    breaker = 'half-open'
    expect(await lines('ringside_shard_up')).toStrictEqual(['ringside_shard_up{shard="a"} 0'])
    expect(await lines('ringside_breaker_state')).toStrictEqual(['ringside_breaker_state{name="shard-a"} 1'])
    breaker = 'open'
    expect(await lines('ringside_breaker_state')).toStrictEqual(['ringside_breaker_state{name="shard-a"} 2'])
  })

  it('tells of the process too', async () => {
    expect(await lines('process_resident_memory_bytes')).toHaveLength(1)
    expect(await lines('nodejs_eventloop_lag_seconds')).toHaveLength(1)
  })
})
