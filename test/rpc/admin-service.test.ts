import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import type { HotKeysAsk, KnownHotKey } from '../../src/cache/hot-keys.ts'
import { Ring } from '../../src/ring/ring.ts'
import { AdminGate } from '../../src/rpc/admin-gate.ts'
import { type AdminSources, adminService } from '../../src/rpc/admin-service.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { productPolicy } from '../support/use-cases.ts'
import { RecordingMeter } from './recording-meter.ts'

const NODES = [
  { name: 'a', weight: 1, state: 'active', primary: 'redis-a:6379', replicas: ['redis-a2:6379'] },
  { name: 'b', weight: 2, state: 'leaving', primary: 'redis-b:6379', replicas: [] },
] as const

function serviceOf(sources: Partial<AdminSources> = {}) {
  const defaults: AdminSources = {
    gate: new AdminGate({ token: () => undefined }),
    hotKeys: { hottest: async () => [] },
    bumps: { bump: async () => 8 },
    warming: { run: async () => Promise.reject(new RingsideError('CANCELLED', 'nothing is warmed here')) },
    flush: undefined,
    ring: () => new Ring(NODES),
    nodes: () => NODES,
    shards: () => [
      { name: 'b', state: () => ({ up: false, why: 'connection refused' }) },
      { name: 'a', state: () => ({ up: true }) },
    ],
    breakers: () => [
      { name: 'shard:a', state: () => 'closed' },
      { name: 'shard:b', state: () => 'half-open' },
      { name: 'origin:catalog', state: () => 'open' },
    ],
  }
  return adminService({ ...defaults, ...sources }, new ManualClock())
}

const CALL = { deadlineAt: Number.POSITIVE_INFINITY, caller: '', isLocal: true, token: '', onGone: () => undefined }
const topologyOf = (sources: Partial<AdminSources> = {}) => serviceOf(sources).methods.Topology!

describe('Admin.Topology', () => {
  it('tells of every node where it is, how much it has, and why it is down; and of every breaker', () => {
    expect(topologyOf().run({}, CALL)).toEqual({
      ring_hash: new Ring(NODES).hash,
      nodes: [
        { ...NODES[0], state: 'NODE_STATE_ACTIVE', up: true, why: '' },
        { ...NODES[1], state: 'NODE_STATE_LEAVING', up: false, why: 'connection refused' },
      ],
      breakers: [
        { name: 'shard:a', state: 'BREAKER_STATE_CLOSED' },
        { name: 'shard:b', state: 'BREAKER_STATE_HALF_OPEN' },
        { name: 'origin:catalog', state: 'BREAKER_STATE_OPEN' },
      ],
    })
  })

  it('is counted', () => {
    const meter = new RecordingMeter()
    topologyOf().count(meter, {}, {})
    expect(meter.results).toEqual(['Admin.Topology  done none'])
  })
})

describe('Admin.HotKeys', () => {
  const known: KnownHotKey = {
    name: { policy: productPolicy(), tenant: 'acme', key: '42' },
    fleet: {
      readsPerSecond: 900,
      shardReadsPerSecond: 300,
      writesPerSecond: 2,
      share: 0.6,
      copies: 3,
      sinceMs: 5_000,
    },
    own: { readsPerSecond: 9, shardReadsPerSecond: 3, writesPerSecond: 1 },
  }

  it('tells of a key what the fleet asks for, what went through this sidecar, and since when it has copies', async () => {
    const asked: HotKeysAsk[] = []
    const hottest = async (ask: HotKeysAsk) => {
      asked.push(ask)
      return [known, { ...known, fleet: { ...known.fleet, copies: 0, sinceMs: 0 } }]
    }
    const { methods } = serviceOf({ hotKeys: { hottest } })
    const key = {
      keyspace: 'product',
      tenant: 'acme',
      key: '42',
      reads_per_second: 900,
      shard_share: 0.6,
      copies: 3,
      shard_reads_per_second: 300,
      writes_per_second: 2,
      copied_since_unix_ms: new ManualClock().wall() - 5_000,
      own_reads_per_second: 9,
      own_shard_reads_per_second: 3,
      own_writes_per_second: 1,
    }
    expect(await methods.HotKeys!.run({ keyspace: '', limit: 0 }, CALL)).toEqual({
      keys: [key, { ...key, copies: 0, copied_since_unix_ms: 0 }],
    })
    await methods.HotKeys!.run({ keyspace: 'product', limit: 7 }, CALL)
    expect(asked).toEqual([
      { keyspace: '', limit: 100 },
      { keyspace: 'product', limit: 7 },
    ])
  })

  it('is counted', () => {
    const meter = new RecordingMeter()
    const { HotKeys } = serviceOf().methods
    HotKeys!.count(meter, { keyspace: 'product' }, { keys: [] })
    HotKeys!.count(meter, { keyspace: 'x' }, new RingsideError('KEYSPACE_UNKNOWN', 'no'))
    expect(meter.results).toEqual(['Admin.HotKeys product done none', 'Admin.HotKeys x keyspace_unknown none'])
  })
})

describe('the hash of a ring', () => {
  it('is that of its nodes and weights, in whatever order', () => {
    const hash = new Ring(NODES).hash
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(new Ring([...NODES].reverse()).hash).toBe(hash)
    expect(new Ring(NODES.slice(1)).hash).not.toBe(hash)
    expect(new Ring(NODES.map((node) => ({ ...node, weight: 1 }))).hash).not.toBe(hash)
  })
})

describe('Admin.Flush', () => {
  const request = { environment: 'prod', keys_per_second: 50 }

  it('hands over what was typed, and tells how many keys went and stayed', async () => {
    const asked: unknown[] = []
    const flush = {
      run: async (what: unknown) => {
        asked.push(what)
        return { removed: 7, kept: 2 }
      },
    }
    expect(await serviceOf({ flush }).methods.Flush!.run(request, CALL)).toEqual({ removed: 7, kept: 2 })
    expect(asked).toEqual([{ environment: 'prod', keysPerSecond: 50 }])
  })

  it('is refused where the configuration does not allow it, after who asks was let in', () => {
    const { Flush } = serviceOf().methods
    expect(() => Flush!.run(request, CALL)).toThrow(/Admin.Flush is off; it needs `admin: { flush: true }`/)
    expect(() => Flush!.run(request, { ...CALL, isLocal: false })).toThrow(/came over TCP without a token/)
  })
})
