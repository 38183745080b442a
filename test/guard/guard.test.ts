import { describe, expect, it } from 'vitest'
import type { SlowCalls } from '../../src/guard/breaker.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard, GuardRefused, GuardTimeout } from '../../src/guard/guard.ts'
import { ManualClock } from '../support/manual-clock.ts'

interface Call {
  readonly signal: AbortSignal
  readonly deadlineAt: number
  readonly settle: (value: string) => void
  readonly fail: (error: Error) => void
}

function build(options: { maxConcurrent?: number; maxWaiting?: number; slow?: SlowCalls } = {}) {
  const clock = new ManualClock()
  const breaker = new ClockedBreaker(
    {
      name: 'db',
      consecutiveFailures: 2,
      failureRatio: 1,
      minimumCalls: 100,
      windowMs: 10_000,
      openForMs: 5_000,
      jitter: 0,
      slow: options.slow,
    },
    { clock, chance: { uniform: () => 0, bytes: (size) => Buffer.alloc(size) }, classify: () => 'failure' },
  )
  const { maxConcurrent = 1, maxWaiting = 10 } = options
  const guard = new Guard({ name: 'db', timeoutMs: 1_000, maxConcurrent, maxWaiting }, { clock, breaker })
  const calls: Call[] = []
  /** Runs a call that ends when the test says so; its outcome is a value, errors included. */
  const run = (deadlineAt?: number) =>
    guard
      .run(
        ({ signal, deadlineAt }) =>
          new Promise<string>((settle, fail) => {
            calls.push({ signal, deadlineAt, settle, fail })
          }),
        deadlineAt,
      )
      .catch((error: unknown) => error)
  const call = (index: number) => calls[index] as Call
  return { clock, breaker, guard, calls, call, run }
}

describe('Guard', () => {
  it('settles as the call does, and frees its place', async () => {
    const { guard, clock } = build()
    expect(await guard.run(async () => 'value')).toBe('value')
    await expect(guard.run(() => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await guard.run(async () => 'value')).toBe('value')
    await expect(
      guard.run(() => {
        throw new Error('thrown at once')
      }),
    ).rejects.toThrow('thrown at once')
    expect(guard.stats()).toEqual({
      limit: 1,
      share: 1,
      inFlight: 0,
      waiting: 0,
      rejected: { limit: 0, deadline: 0, breaker: 0 },
    })
    expect(clock.pending).toBe(0)
  })

  it('answers the caller at its deadline, aborts the call, and keeps its place until it has settled', async () => {
    const { guard, clock, call, run } = build()
    const running = run()
    const waiting = run(3_000)
    await clock.advance(999)
    expect(call(0).signal.aborted).toBe(false)
    await clock.advance(1)
    const outcome = await running
    expect(outcome).toBeInstanceOf(GuardTimeout)
    expect(call(0).signal.reason).toBe(outcome)
    expect(guard.stats()).toMatchObject({ inFlight: 1, waiting: 1 })
    call(0).fail(new Error('cancelled'))
    await clock.advance(0)
    call(1).settle('mine')
    expect(await waiting).toBe('mine')
    expect(guard.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  it('hands an aborted signal to a call that asks for it only after the deadline', async () => {
    const { guard, clock } = build()
    let late: (() => AbortSignal) | undefined
    const running = guard
      .run((context) => {
        late = () => context.signal
        return new Promise(() => {})
      })
      .catch((error: unknown) => error)
    await clock.advance(1_000)
    const outcome = await running
    expect(late?.().aborted).toBe(true)
    expect(late?.().reason).toBe(outcome)
  })

  it('gives each call a signal of its own', async () => {
    const { clock, call, run } = build({ maxConcurrent: 2 })
    const first = run(100)
    const second = run(500)
    await clock.advance(100)
    expect(call(0).signal.aborted).toBe(true)
    expect(call(1).signal.aborted).toBe(false)
    call(1).settle('value')
    expect(await first).toBeInstanceOf(GuardTimeout)
    expect(await second).toBe('value')
  })

  it('counts a deadline over waiting and running together', async () => {
    const { clock, call, run } = build()
    const first = run()
    const second = run()
    await clock.advance(600)
    call(0).settle('first')
    await clock.advance(0)
    expect(call(1).deadlineAt).toBe(1_000)
    await clock.advance(400)
    expect(await first).toBe('first')
    expect(await second).toBeInstanceOf(GuardTimeout)
  })

  it('counts a timed-out call as a failure, at the deadline', async () => {
    const { breaker, clock, run } = build({ maxConcurrent: 2 })
    const running = [run(), run()]
    await clock.advance(1_000)
    expect(breaker.state()).toBe('open')
    await Promise.all(running)
  })

  it('refuses what finds no place in time, what finds the queue full, and says why', async () => {
    const { guard, clock, calls, run } = build({ maxWaiting: 1 })
    const running = run()
    const waiting = run(200)
    const turnedAway = await run()
    expect(turnedAway).toBeInstanceOf(GuardRefused)
    expect(turnedAway).toMatchObject({ why: 'limit', retryAfterMs: 1_000 })
    await clock.advance(200)
    expect(await waiting).toMatchObject({ why: 'deadline' })
    expect(calls).toHaveLength(1)
    expect(guard.stats().rejected).toEqual({ limit: 1, deadline: 1, breaker: 0 })
    calls[0]?.settle('value')
    await running
  })

  it('refuses at once while the breaker is open, whatever waits', async () => {
    const { guard, clock, run } = build({ maxConcurrent: 2 })
    const stuck = [run(), run()]
    await clock.advance(1_000)
    await Promise.all(stuck)
    expect(await run()).toMatchObject({ why: 'breaker', retryAfterMs: 5_000 })
    expect(guard.stats().rejected.breaker).toBe(1)
  })

  it('refuses a waiter that finds the breaker open, and frees its place', async () => {
    const { guard, clock, call, calls, run } = build()
    const first = run()
    const others = [run(), run(), run()]
    call(0).fail(new Error('down'))
    await clock.advance(0)
    call(1).fail(new Error('down'))
    await clock.advance(0)
    expect(await Promise.all(others.slice(1))).toMatchObject([{ why: 'breaker' }, { why: 'breaker' }])
    await first
    expect(calls).toHaveLength(2)
    expect(guard.stats()).toMatchObject({ inFlight: 0, waiting: 0, rejected: { breaker: 2 } })
  })

  it('does not blame the dependency for time spent waiting', async () => {
    const { breaker, clock, call, run } = build({ slow: { afterMs: 700, ratio: 1 } })
    const first = run()
    const second = run()
    const third = run(1_200)
    await clock.advance(600)
    call(0).settle('in 600 ms')
    await clock.advance(300)
    call(1).settle('in 300 ms, after 600 ms of waiting')
    await clock.advance(300)
    expect(await first).toBe('in 600 ms')
    expect(await second).toBe('in 300 ms, after 600 ms of waiting')
    expect(await third).toBeInstanceOf(GuardTimeout)
    expect(breaker.stats()).toMatchObject({ failures: 0, slow: 0 })
  })

  it('refuses at once in half-open while calls that hang hold all places', async () => {
    const { guard, clock, run, call } = build({ maxConcurrent: 2 })
    const hanging = [run(), run()]
    await clock.advance(1_000)
    expect(await Promise.all(hanging)).toEqual([expect.any(GuardTimeout), expect.any(GuardTimeout)])
    await clock.advance(5_000)
    expect(guard.state()).toBe('half-open')
    // Without time going on: nobody waits for a place.
    expect(await run()).toMatchObject({ why: 'breaker' })
    call(0).settle('late')
    await clock.advance(0)
    const probe = run()
    call(2).settle('well')
    expect(await probe).toBe('well')
    expect(guard.state()).toBe('closed')
  })

  it('lets one call probe in half-open, and the rest through once that succeeded', async () => {
    const { guard, clock, call, run } = build({ maxConcurrent: 3 })
    const stuck = [run(), run()]
    await clock.advance(1_000)
    call(0).fail(new Error('cancelled'))
    call(1).fail(new Error('cancelled'))
    await Promise.all(stuck)
    await clock.advance(5_000)
    expect(guard.state()).toBe('half-open')
    const probe = run()
    expect(await run()).toMatchObject({ why: 'breaker' })
    call(2).settle('well again')
    expect(await probe).toBe('well again')
    expect(guard.state()).toBe('closed')
  })

  it('never runs more than its limit, in any order of arrivals, ends and deadlines', async () => {
    const { guard, clock } = build({ maxConcurrent: 3, maxWaiting: 20 })
    let running = 0
    let most = 0
    const outcomes = Array.from({ length: 60 }, (_, index) =>
      guard
        .run(
          () =>
            new Promise<void>((resolve) => {
              running += 1
              most = Math.max(most, running)
              clock.after(((index * 37) % 90) + 10, () => {
                running -= 1
                resolve()
              })
            }),
          clock.now() + 50 + ((index * 53) % 200),
        )
        .catch(() => {}),
    )
    await clock.advance(2_000)
    await Promise.all(outcomes)
    expect(most).toBe(3)
    expect(running).toBe(0)
    expect(guard.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
    expect(clock.pending).toBe(0)
  })

  it('refuses every call once closed', async () => {
    const { guard, run } = build()
    guard.close()
    expect(await run()).toMatchObject({ why: 'breaker' })
  })
})
