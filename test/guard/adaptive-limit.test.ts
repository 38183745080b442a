import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimit } from '../../src/guard/adaptive-limit.ts'
import { GuardTimeout } from '../../src/guard/guard.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { SimulatedLoad } from './simulated-server.ts'

const forGood = (most: number) => ({ most, until: Number.POSITIVE_INFINITY, after: most })
const least = (limits: readonly number[]) => limits.reduce((a, b) => Math.min(a, b))
const most = (limits: readonly number[]) => limits.reduce((a, b) => Math.max(a, b))
/** Twice as many as the server works on double what a call takes; the next step up finds that out, or the one after, where a window spans both. */
const beyondKnee = (workers: number) => 2 * workers + 2 * (Math.sqrt(2 * workers) + 1)

describe('AdaptiveLimit', () => {
  it('starts at its floor', () => {
    expect(new SimulatedLoad({ floor: 3, ceiling: 100 }).limit.current).toBe(3)
  })

  it('doubles with every round trip until it is cut, and then grows by its root', () => {
    const load = new SimulatedLoad({ floor: 1, ceiling: 256 })
    const slow = { workers: 16, serviceMs: 400 }
    const risen = load.run(2 + 2 + 4 + 8, slow)
    expect(risen.at(-1)).toBe(16)
    expect(load.now).toBeLessThanOrEqual(5 * 400)
    const cut = most(load.run(200, slow))
    expect(cut).toBeLessThanOrEqual(64)
    load.run(300, { ...slow, failing: 1 })
    expect(load.limit.current).toBe(1)
    expect(load.run(9, { workers: 64, serviceMs: 10 }).at(-1)).toBe(1)
    expect(load.limit.usefulShare).toBe(2)
  })

  it('settles between what the server works on at once and two steps beyond twice that, whatever the server', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 24 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 4 }),
        (workers, serviceMs, floor) => {
          const load = new SimulatedLoad({ floor: Math.min(floor, workers), ceiling: 200 })
          load.run(1_500, { workers, serviceMs })
          const settled = load.run(1_500, { workers, serviceMs })
          expect(least(settled)).toBeGreaterThanOrEqual(workers)
          expect(most(settled)).toBeLessThanOrEqual(beyondKnee(workers))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('stays between floor and ceiling, whatever the server does', () => {
    const spell = fc.record({
      workers: fc.integer({ min: 1, max: 20 }),
      serviceMs: fc.integer({ min: 1, max: 1_000 }),
      failing: fc.constantFrom(0, 0, 0.05, 0.5, 1),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 30 }),
        fc.array(spell, { minLength: 1, maxLength: 5 }),
        (floor, room, spells) => {
          const load = new SimulatedLoad({ floor, ceiling: floor + room })
          for (const server of spells) {
            const seen = load.run(200, server)
            expect(least(seen)).toBeGreaterThanOrEqual(floor)
            expect(most(seen)).toBeLessThanOrEqual(floor + room)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('gives way to a slow spell, and recovers after it', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 64 })
    const well = { workers: 16, serviceMs: 10 }
    const before = load.run(2_000, well).at(-1) as number
    expect(before).toBeGreaterThanOrEqual(16)
    const during = load.run(200, { workers: 2, serviceMs: 80 })
    expect(least(during)).toBeLessThanOrEqual(6)
    const after = load.run(2_000, well).slice(-500)
    expect(least(after)).toBeGreaterThanOrEqual(16)
    expect(most(after)).toBeLessThanOrEqual(beyondKnee(16))
  })

  it('finds the knee of a server that has become slower for good', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 64 })
    load.run(2_000, { workers: 16, serviceMs: 10 })
    load.run(1_000, { workers: 8, serviceMs: 100 })
    const settled = load.run(1_000, { workers: 8, serviceMs: 100 })
    expect(least(settled)).toBeGreaterThanOrEqual(8)
    expect(most(settled)).toBeLessThanOrEqual(beyondKnee(8))
  })

  it('does not take a long overload for the norm', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 200 })
    load.run(2_000, { workers: 8, serviceMs: 10 })
    expect(most(load.run(20_000, { workers: 8, serviceMs: 10 }))).toBeLessThanOrEqual(beyondKnee(8))
  })

  it('is driven to the floor by a failing server, and leaves it once that is well', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 32 })
    const well = { workers: 32, serviceMs: 10 }
    expect(load.run(2_000, well).at(-1)).toBe(32)
    expect(load.run(300, { ...well, failing: 0.5 }).at(-1)).toBe(2)
    expect(load.run(2_000, well).at(-1)).toBe(32)
  })

  it('does not mind the odd failure', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 32 })
    expect(load.run(2_000, { workers: 32, serviceMs: 10, failing: 0.02 }).at(-1)).toBe(32)
  })

  it('is cut at most once by calls that were under way together', () => {
    const load = new SimulatedLoad({ floor: 1, ceiling: 32 })
    load.run(2_000, { workers: 32, serviceMs: 10 })
    const burst = load.run(32, { workers: 32, serviceMs: 10, failing: 1 })
    expect(least(burst.slice(0, 31))).toBeGreaterThanOrEqual(15)
  })

  it('does not grow while it is not what holds calls back', () => {
    const load = new SimulatedLoad({ floor: 4, ceiling: 64 })
    expect(load.run(1_000, { workers: 64, serviceMs: 10 }, 3).at(-1)).toBe(4)
  })

  it('is held by its share from the moment that changes, though that be 0, and remembers what it had found', () => {
    const load = new SimulatedLoad({ floor: 4, ceiling: 32 })
    const well = { workers: 64, serviceMs: 10 }
    load.run(2_000, well)
    load.limit.setShare(forGood(10))
    expect(load.limit.current).toBe(10)
    expect(most(load.run(500, well))).toBe(10)
    load.limit.setShare(forGood(2))
    expect(load.limit.current).toBe(2)
    load.limit.setShare(forGood(0))
    expect(load.limit.current).toBe(0)
    load.limit.setShare(forGood(1_000))
    expect(load.limit.current).toBe(32)
  })

  it('gives way to a slow spell within its share too', () => {
    const load = new SimulatedLoad({ floor: 2, ceiling: 64 })
    load.run(2_000, { workers: 16, serviceMs: 10 })
    load.limit.setShare(forGood(12))
    const during = load.run(200, { workers: 2, serviceMs: 80 })
    expect(least(during)).toBeLessThanOrEqual(6)
  })

  it('lets a share run out at its moment, without being told', async () => {
    const clock = new ManualClock()
    const limit = new AdaptiveLimit({ floor: 8, ceiling: 8 }, { clock, classify: () => 'failure' })
    limit.setShare({ most: 5, until: 100, after: 1 })
    await clock.advance(99)
    expect(limit.current).toBe(5)
    await clock.advance(1)
    expect(limit.current).toBe(1)
  })

  it('finds a share useful that is somewhat larger than what it has found, and no more', () => {
    const load = new SimulatedLoad({ floor: 4, ceiling: 64 })
    load.limit.setShare(forGood(1))
    expect(load.limit.usefulShare).toBe(8)
    load.limit.setShare(forGood(64))
    load.run(2_000, { workers: 64, serviceMs: 10 })
    expect(load.limit.usefulShare).toBe(64)
  })

  it('tells how long calls take of late', async () => {
    const clock = new ManualClock()
    const limit = new AdaptiveLimit({ floor: 1, ceiling: 1 }, { clock, classify: () => 'failure' })
    expect(limit.typicalMs).toBeUndefined()
    await clock.advance(80)
    limit.answered(0, 1)
    expect(limit.typicalMs).toBe(80)
    await clock.advance(80)
    limit.failed(0, 1, new Error('down'))
    expect(limit.typicalMs).toBe(90)
    limit.failed(160, 1, new GuardTimeout('db', 1, 'refusal'))
    expect(limit.typicalMs).toBe(90)
  })

  it('does not count what says nothing about health', () => {
    const clock = new ManualClock()
    const limit = new AdaptiveLimit({ floor: 1, ceiling: 8 }, { clock, classify: () => 'refusal' })
    for (let call = 0; call < 10; call += 1) limit.answered(0, 1)
    expect(limit.current).toBe(2)
    for (let call = 0; call < 10; call += 1) limit.failed(0, 2, new Error('a bad key'))
    expect(limit.current).toBe(2)
  })
})
