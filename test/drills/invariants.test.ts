import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import type { DrillRecord } from './drill-record.ts'
import { invariantsOf } from './invariants.ts'
import type { Observation } from './load/observation.ts'
import { Tally } from './load/tally.ts'
import { USUAL_WORLD } from './world/world-shape.ts'

const BOUND_MS = 3_000
const DEADLINE_MS = 2_000
const SECONDS = 30
const PER_SECOND = 100
const FAULT_AT = 10_000
const MENDED_AT = 15_000

const good = (dueAt: number): Observation => ({
  key: 1,
  dueAt,
  lagMs: 0,
  tookMs: 2,
  code: 0,
  source: 'near',
  degraded: false,
  shownId: 1,
  shownRevision: dueAt < 5_000 ? 1 : 2,
})

/** A drill in which a row was changed once, and everything went well; `spoil` changes single answers. */
function recordWith(
  changes: Partial<DrillRecord> = {},
  spoil: (one: Observation) => Observation = (one) => one,
): DrillRecord {
  const tally = new Tally({ beganAt: 0, boundMs: BOUND_MS, deadlineMs: DEADLINE_MS, keys: 10_000 })
  tally.revisions.committed(1, 2, 4_000)
  tally.revisions.invalidated(1, 2, 4_100)
  for (let index = 0; index < SECONDS * PER_SECOND; index += 1)
    tally.observed(spoil(good((index * 1_000) / PER_SECOND)))
  return {
    shape: { ...USUAL_WORLD, boundMs: BOUND_MS },
    phases: { beganAt: 0, faultAt: FAULT_AT, mendedAt: MENDED_AT, endedAt: SECONDS * 1_000 },
    deadlineMs: DEADLINE_MS,
    empties: false,
    recoveryWithinMs: 10_000,
    slices: tally.drain(),
    changes: [{ key: 1, revision: 2, committedAt: 4_000, invalidatedAt: 4_100, deferred: false }],
    breaches: tally.breaches,
    shown: tally.shown,
    gauges: [{ at: 0, atOnce: 3, loads: 10, counted: 0, refusals: 0, connections: 2 }],
    connectedAt: [],
    samples: [],
    shards: [],
    revisions: new Map([[1, 2]]),
    last: [{ sidecar: 'a', key: 1, revision: 2 }],
    deaths: [],
    readyAfterMs: 500,
    ...changes,
  }
}

const broken = (record: DrillRecord): string[] =>
  invariantsOf(record)
    .filter(({ passed }) => !passed)
    .map(({ name }) => name.split(':')[0]!.split(' (')[0]!)

describe('the invariants of a drill', () => {
  it('hold where everything went well', () => {
    expect(broken(recordWith())).toEqual([])
  })

  it.each([
    ['of another row', { shownId: 2 }],
    ['that the database never had', { shownRevision: 3 }],
    ['that says nothing', { shownId: -1, shownRevision: -1 }],
  ])('see a single value %s', (_, wrong) => {
    expect(broken(recordWith({}, (one) => (one.dueAt === 12_000 ? { ...one, ...wrong } : one)))).toEqual([
      'no wrong value',
    ])
  })

  it('see a single answer that is older than the bound, unless it says that it is degraded', () => {
    const old = (degraded: boolean) =>
      recordWith({}, (one) => (one.dueAt === 8_000 ? { ...one, shownRevision: 1, degraded } : one))
    expect(broken(old(false))).toEqual(['nothing staler than promised'])
    expect(old(false).breaches).toMatchObject([{ dueAt: 8_000, shownRevision: 1 }])
    expect(broken(old(true))).toEqual([])
    const withinBound = recordWith({}, (one) => (one.dueAt < 7_000 ? { ...one, shownRevision: 1 } : one))
    expect(broken(withinBound)).toEqual([])
  })

  it('see a single load above the limit', () => {
    const gauges = [{ at: 0, atOnce: 17, loads: 10, counted: 0, refusals: 1, connections: 2 }]
    expect(broken(recordWith({ gauges }))).toEqual(['never more than 16 loads at once, as the database counts'])
  })

  it('see a sidecar that goes on answering what was there before a change', () => {
    expect(broken(recordWith({ last: [{ sidecar: 'a', key: 1, revision: 1 }] }))).toEqual(['no invalidation lost'])
  })

  it('see that a sidecar has died', () => {
    expect(broken(recordWith({ deaths: ['sidecar 1 ended with 1: …'] }))).toEqual(['no sidecar has died'])
  })

  it('see that recovery takes too long, by failures, by misses, by slowness, or by readiness', () => {
    const until = (ms: number, change: Partial<Observation>, recoveryWithinMs = 10_000) =>
      recordWith({ recoveryWithinMs }, (one) =>
        one.dueAt >= MENDED_AT && one.dueAt < MENDED_AT + ms ? { ...one, ...change } : one,
      )
    const slow = 'recovery without help within 10 s'
    for (const change of [{ code: status.UNAVAILABLE }, { source: 'origin' }, { tookMs: 400 }]) {
      expect(broken(until(9_000, change))).toEqual([])
      expect(broken(until(12_000, change))).toEqual([slow])
      expect(broken(until(12_000, change, 15_000))).toEqual([])
    }
    expect(broken(recordWith({ readyAfterMs: undefined }))).toEqual([slow])
  })

  it('forgive the first miss of each key where shards were left empty, and no other', () => {
    const missing = (keys: number, empties: boolean) =>
      recordWith({ empties, revisions: new Map([[1, 2]]) }, (one) => {
        if (one.dueAt < MENDED_AT) return one
        const key = 2 + (Math.round(one.dueAt / 10) % keys)
        return { ...one, key, shownId: key, source: 'origin', shownRevision: 1 }
      })
    expect(broken(missing(5_000, true))).toEqual([])
    expect(broken(missing(5_000, false))).toHaveLength(1)
    expect(broken(missing(50, true))).toHaveLength(1)
  })

  it('see gets that end late, and those that never end', () => {
    const share = (every: number, change: Partial<Observation>) =>
      recordWith({}, (one) => (Math.round(one.dueAt / 10) % every === 0 ? { ...one, ...change } : one))
    expect(broken(share(50, { tookMs: 1_001 }))).toContain('99 % of the gets end within half of their deadline')
    expect(broken(share(500, { code: status.DEADLINE_EXCEEDED }))).toContain(
      'at most 0.1 % DEADLINE_EXCEEDED after the first second of the fault',
    )
  })
})
