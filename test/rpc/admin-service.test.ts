import { describe, expect, it } from 'vitest'
import { Ring } from '../../src/ring/ring.ts'
import { type AdminSources, adminService } from '../../src/rpc/admin-service.ts'
import { RecordingMeter } from './recording-meter.ts'

const NODES = [
  { name: 'a', weight: 1, state: 'active', primary: 'redis-a:6379', replicas: ['redis-a2:6379'] },
  { name: 'b', weight: 2, state: 'leaving', primary: 'redis-b:6379', replicas: [] },
] as const

function topologyOf(sources: Partial<AdminSources> = {}) {
  const defaults: AdminSources = {
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
  return adminService({ ...defaults, ...sources }).methods.Topology!
}

describe('Admin.Topology', () => {
  it('tells of every node where it is, how much it has, and why it is down; and of every breaker', () => {
    expect(topologyOf().run({}, { deadlineAt: Number.POSITIVE_INFINITY, caller: '' })).toEqual({
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

describe('the hash of a ring', () => {
  it('is that of its nodes and weights, in whatever order', () => {
    const hash = new Ring(NODES).hash
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(new Ring([...NODES].reverse()).hash).toBe(hash)
    expect(new Ring(NODES.slice(1)).hash).not.toBe(hash)
    expect(new Ring(NODES.map((node) => ({ ...node, weight: 1 }))).hash).not.toBe(hash)
  })
})
