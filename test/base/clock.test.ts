import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pendingTimers, systemClock } from '../../src/base/clock.ts'

const LONGEST_MS = 2 ** 31 - 1

describe('the clock of the system', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('waits for longer than a timer of Node can', () => {
    const run = vi.fn()
    systemClock.after(2 * LONGEST_MS + 10, run)
    vi.advanceTimersByTime(2 * LONGEST_MS + 9)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('cancels such a wait in each of its stages', () => {
    const run = vi.fn()
    const [first, second] = [systemClock.after(2 * LONGEST_MS, run), systemClock.after(2 * LONGEST_MS, run)]
    first.cancel()
    vi.advanceTimersByTime(LONGEST_MS + 1)
    second.cancel()
    vi.advanceTimersByTime(2 * LONGEST_MS)
    expect(run).not.toHaveBeenCalled()
  })
})

describe('pending timers of the system clock', () => {
  it('are those that have neither run nor been cancelled', async () => {
    const before = pendingTimers()
    const kept = systemClock.after(60_000, () => undefined)
    const ran = new Promise<number>((resolve) => systemClock.after(1, () => resolve(pendingTimers())))
    expect(pendingTimers()).toBe(before + 2)
    expect(await ran).toBe(before + 1)
    kept.cancel()
    kept.cancel()
    expect(pendingTimers()).toBe(before)
  })

  it('are not counted down by a timer that is cancelled after it ran', async () => {
    const before = pendingTimers()
    await new Promise<void>((resolve) => {
      const timer = systemClock.after(1, () => {
        timer.cancel()
        resolve()
      })
    })
    expect(pendingTimers()).toBe(before)
  })
})
