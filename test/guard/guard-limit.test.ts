import { describe, expect, it } from 'vitest'
import { AdaptiveLimit } from '../../src/guard/adaptive-limit.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { ManualClock } from '../support/manual-clock.ts'

const NEVER_OPENS = {
  name: 'db',
  consecutiveFailures: 1_000,
  failureRatio: 1,
  minimumCalls: 1_000,
  windowMs: 10_000,
  openForMs: 5_000,
  jitter: 0,
  slow: undefined,
}

const forGood = (most: number) => ({ most, until: Number.POSITIVE_INFINITY, after: most })

function build(floor: number, ceiling: number) {
  const clock = new ManualClock()
  const classify = () => 'failure' as const
  const chance = { uniform: () => 0, bytes: (size: number) => Buffer.alloc(size) }
  const guard = new Guard(
    { name: 'db', timeoutMs: 1_000, maxConcurrent: ceiling, maxWaiting: 1_000 },
    {
      clock,
      breaker: new ClockedBreaker(NEVER_OPENS, { clock, chance, classify }),
      limit: new AdaptiveLimit({ floor, ceiling }, { clock, classify }),
    },
  )
  /** Runs `calls` calls, each of which ends after `ms`; to the end of all. */
  const runAll = async (calls: number, ms: number, fails = false) => {
    const run = () =>
      guard.run(
        () =>
          new Promise<void>((resolve, reject) => {
            clock.after(ms, () => (fails ? reject(new Error('down')) : resolve()))
          }),
        clock.now() + 10_000,
      )
    const outcomes = Promise.allSettled(Array.from({ length: calls }, run))
    await clock.advance(calls * ms)
    return outcomes
  }
  return { clock, guard, runAll }
}

describe('Guard with an adaptive limit', () => {
  it('lets more in as answers come in time, up to its most', async () => {
    const { guard, runAll } = build(2, 6)
    expect(guard.stats().limit).toBe(2)
    await runAll(100, 10)
    expect(guard.stats()).toMatchObject({ limit: 6, inFlight: 0, waiting: 0 })
  })

  it('lets fewer in as calls fail', async () => {
    const { guard, runAll } = build(2, 6)
    await runAll(100, 10)
    await runAll(50, 10, true)
    expect(guard.stats().limit).toBe(2)
  })

  it('lets fewer in as calls time out, each counted once', async () => {
    const { clock, guard, runAll } = build(1, 16)
    await runAll(200, 10)
    expect(guard.stats().limit).toBe(16)
    const ends: (() => void)[] = []
    const stuck = Array.from({ length: 16 }, () =>
      guard.run(() => new Promise<void>((resolve) => ends.push(resolve))).catch(() => undefined),
    )
    await clock.advance(1_000)
    await Promise.all(stuck)
    const { limit } = guard.stats()
    expect(limit).toBe(11)
    for (const end of ends) end()
    await clock.advance(0)
    expect(guard.stats()).toMatchObject({ limit, inFlight: 0 })
  })

  it('lets in at once those who wait when its share is raised, and nobody more when it is cut', async () => {
    const { clock, guard } = build(4, 8)
    guard.setShare(forGood(1))
    const ends: (() => void)[] = []
    const run = () => guard.run(() => new Promise<void>((resolve) => ends.push(resolve)))
    const calls = [run(), run(), run()]
    expect(guard.stats()).toMatchObject({ limit: 1, inFlight: 1, waiting: 2 })
    guard.setShare(forGood(3))
    expect(guard.stats()).toMatchObject({ limit: 3, inFlight: 3, waiting: 0 })
    guard.setShare(forGood(1))
    await clock.advance(0)
    const late = run()
    ends[0]?.()
    await clock.advance(0)
    expect(guard.stats()).toMatchObject({ limit: 1, inFlight: 2, waiting: 1 })
    for (let call = 1; call < 4; call += 1) {
      ends[call]?.()
      await clock.advance(0)
    }
    await Promise.all([...calls, late])
    expect(guard.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  it('lets nobody in while its share is nothing, and tells what is wanted of it', async () => {
    const { clock, guard } = build(2, 8)
    guard.setShare(forGood(0))
    const late = guard.run(async () => 1, clock.now() + 50)
    const call = guard.run(async () => 2)
    expect(guard.demand()).toEqual({ running: 0, wanted: 2 })
    const refused = expect(late).rejects.toMatchObject({ why: 'deadline' })
    await clock.advance(50)
    await refused
    guard.setShare(forGood(1))
    expect(await call).toBe(2)
    expect(guard.demand()).toEqual({ running: 0, wanted: 0 })
  })

  it('wants no more than what is known to be of use', () => {
    const { guard } = build(4, 64)
    guard.setShare(forGood(0))
    for (let call = 0; call < 50; call += 1) void guard.run(async () => undefined).catch(() => undefined)
    expect(guard.demand()).toEqual({ running: 0, wanted: 8 })
  })
})
