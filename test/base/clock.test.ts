import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'

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
