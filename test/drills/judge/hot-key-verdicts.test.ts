import { describe, expect, it } from 'vitest'
import type { DrillRecord } from '../drill-record.ts'
import { SLICE_MS, type Slice } from '../load/slice.ts'
import { USUAL_WORLD } from '../world/world-shape.ts'
import { IdleLoad, nearVerdicts, spreadVerdicts } from './hot-key-verdicts.ts'

const PHASES = { beganAt: 0, faultAt: 10_000, mendedAt: 30_000, endedAt: 95_000 }
const PER_SECOND = 2_000
const EVEN = [0.25, 0.25, 0.25, 0.25]
const HOT = [0.7, 0.1, 0.1, 0.1]
const isHot = (at: number) => at >= PHASES.faultAt && at < PHASES.mendedAt

interface Tale {
  /** Shares of the GETs, shard by shard. */
  readonly shares?: (at: number) => readonly number[]
  readonly copies?: (at: number) => number
  readonly counted?: (at: number) => number
  readonly answers?: (at: number) => number
  readonly perSecond?: number
}

function recordOf(tale: Tale): DrillRecord {
  const { shares = () => EVEN, copies = () => 0, counted = () => 0, answers = () => 1, perSecond = PER_SECOND } = tale
  const counts = [0, 0, 0, 0]
  const shards: DrillRecord['shards'][number][] = []
  for (let at = 0; at <= PHASES.endedAt; at += 100) {
    const now = shares(at)
    for (const [index, shard] of ['a', 'b', 'c', 'd'].entries()) {
      shards.push({ at, shard, gets: counts[index] ?? 0, copies: index === 0 ? copies(at) : 0 })
      counts[index] = (counts[index] ?? 0) + ((now[index] ?? 0) * perSecond) / 10
    }
  }
  const none = { degraded: 0, older: 0, wrong: 0, tooOld: 0, late: 0, first: 0, firstMisses: 0, took: [], lag: [] }
  const slices = Array.from({ length: PHASES.endedAt / SLICE_MS }, (_, slice): Slice => {
    const gets = (PER_SECOND * SLICE_MS) / 1_000
    const primary = gets * answers(slice * SLICE_MS)
    return { slice, cold: false, gets, sources: { primary }, failures: { 14: gets - primary }, ...none }
  })
  const gauges = Array.from({ length: PHASES.endedAt / 100 }, (_, index) => {
    const at = index * 100
    return { at, loads: 0, counted: counted(at), atOnce: 0, refusals: 0, connections: 0 }
  })
  const changes = Array.from({ length: 20 }, (_, index) => {
    const committedAt = PHASES.faultAt + index * 1_000
    return { key: 1, revision: index + 2, committedAt, invalidatedAt: committedAt + 1, deferred: false }
  })
  return {
    shape: USUAL_WORLD,
    phases: PHASES,
    deadlineMs: 2_000,
    empties: false,
    recoveryWithinMs: 10_000,
    slices,
    changes,
    breaches: [],
    shown: new Map(),
    gauges,
    connectedAt: [],
    samples: [],
    shards,
    revisions: new Map(),
    last: [],
    deaths: [],
    readyAfterMs: 0,
  }
}

const without = recordOf({ shares: (at) => (isHot(at) ? HOT : EVEN) })
/** Copies after 3 s, gone 20 s after the end. */
const GOOD: Tale = {
  shares: (at) => (isHot(at) && at < 13_000 ? HOT : EVEN),
  copies: (at) => (at >= 13_000 && at < 50_000 ? 3 : 0),
  counted: (at) => (isHot(at) ? (at - PHASES.faultAt) / 2_000 : 0),
}
const verdictsOn = (tale: Tale) => spreadVerdicts(recordOf({ ...GOOD, ...tale }), without).map(({ passed }) => passed)

describe('the verdicts on copies', () => {
  it('are good where all is', () => {
    expect(spreadVerdicts(recordOf(GOOD), without).filter(({ passed }) => !passed)).toEqual([])
  })

  it('see that there was nothing to be mended', () => {
    expect(spreadVerdicts(recordOf(GOOD), recordOf({})).map(({ passed }) => passed)[0]).toBe(false)
  })

  it('see that reads are spread too late, or not for long', () => {
    expect(verdictsOn({ shares: (at) => (isHot(at) && at < 15_500 ? HOT : EVEN) })[1]).toBe(false)
    expect(verdictsOn({ shares: (at) => (at >= 25_000 && at < 26_000 ? HOT : EVEN) })[1]).toBe(false)
  })

  it('see copies that stay, and that there were none', () => {
    expect(verdictsOn({ copies: (at) => (at >= 13_000 && at < 91_000 ? 3 : 0) })[2]).toBe(false)
    expect(verdictsOn({ copies: () => 0 })[2]).toBe(false)
  })

  it('see failures and fewer answers', () => {
    expect(verdictsOn({ answers: (at) => (isHot(at) ? 0.99 : 1) }).slice(3, 5)).toEqual([false, true])
    expect(verdictsOn({ answers: (at) => (isHot(at) ? 0.8 : 1) }).slice(3, 5)).toEqual([false, false])
  })

  it('see an origin that is asked too often', () => {
    expect(verdictsOn({ counted: (at) => at / 900 })[5]).toBe(false)
  })
})

describe('the verdicts on near caches', () => {
  const idle = new IdleLoad(recordOf({ perSecond: 100 }), 1_000, 5_000)

  it('are good where a shard sees few of the reads beyond its heartbeats', () => {
    expect(nearVerdicts(recordOf({ perSecond: 140 }), idle).map(({ passed }) => passed)).toEqual([true, true])
  })

  it('see a shard that is read too often', () => {
    const busy = recordOf({ perSecond: 200 })
    expect(nearVerdicts(busy, idle)[0]?.passed).toBe(false)
  })

  it('see that it was read too little or written too often to count', () => {
    const few = recordOf({ perSecond: 140, answers: () => 0.9 })
    expect(nearVerdicts(few, idle)[0]?.passed).toBe(false)
    const record = recordOf({ perSecond: 140 })
    const changes = [...record.changes, ...record.changes]
    expect(nearVerdicts({ ...record, changes }, idle)[0]?.passed).toBe(false)
  })
})
