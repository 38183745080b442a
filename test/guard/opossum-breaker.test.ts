import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { OpossumBreaker } from '../../src/guard/opossum-breaker.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { breakerContract } from './breaker-contract.ts'

describe('OpossumBreaker', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  breakerContract(
    (options, parts) => new OpossumBreaker(options, parts),
    async (clock, ms) => {
      await clock.advance(ms)
      vi.advanceTimersByTime(ms)
    },
  )

  it('runs no timer but the one to half-open, and clears it when closed', async () => {
    const options = { consecutiveFailures: 1, failureRatio: 1, minimumCalls: 1, windowMs: 1_000, jitter: 0 }
    const breaker = new OpossumBreaker(
      { ...options, name: 'db', openForMs: 1_000, slow: undefined },
      { clock: new ManualClock(), chance: systemChance, classify: () => 'failure' },
    )
    expect(vi.getTimerCount()).toBe(0)
    await breaker.run(() => Promise.reject(new Error('down'))).catch(() => {})
    expect(vi.getTimerCount()).toBe(1)
    breaker.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
