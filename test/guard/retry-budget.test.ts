import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../src/guard/retry-budget.ts'
import { ManualClock } from '../support/manual-clock.ts'

const OPTIONS = { share: 0.1, perSecond: 1, windowMs: 10_000 }

function build() {
  const clock = new ManualClock()
  return { clock, budget: new RetryBudget(OPTIONS, clock) }
}

const taken = (budget: RetryBudget, tries: number) =>
  Array.from({ length: tries }, () => budget.take()).filter((may) => may).length

describe('RetryBudget', () => {
  it('grants its floor where there is no traffic', () => {
    const { budget } = build()
    expect(taken(budget, 100)).toBe(10)
  })

  it('grants its share of the traffic beside that', () => {
    const { budget } = build()
    for (let attempt = 0; attempt < 500; attempt += 1) budget.attempted()
    expect(taken(budget, 1_000)).toBe(60)
  })

  it('forgets traffic and retries alike with its window', async () => {
    const { clock, budget } = build()
    for (let attempt = 0; attempt < 500; attempt += 1) budget.attempted()
    taken(budget, 1_000)
    await clock.advance(10_000)
    expect(taken(budget, 1_000)).toBe(10)
  })

  it('never grants more within any window than share and floor allow, in any order of events', async () => {
    const event = fc.record({ ms: fc.nat({ max: 1_500 }), attempts: fc.nat({ max: 30 }), retries: fc.nat({ max: 30 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
        const { clock, budget } = build()
        const attempts: number[] = []
        const retries: number[] = []
        for (const { ms, attempts: sent, retries: tried } of events) {
          await clock.advance(ms)
          const now = clock.now()
          for (let one = 0; one < sent; one += 1) budget.attempted()
          attempts.push(...Array<number>(sent).fill(now))
          retries.push(...Array<number>(taken(budget, tried)).fill(now))
          const within = (moments: number[], windowMs: number) => moments.filter((at) => at > now - windowMs).length
          // The window moves on by a tenth at a time: what lies in the last nine is certainly in it.
          const most = OPTIONS.share * within(attempts, OPTIONS.windowMs) + 10
          expect(within(retries, OPTIONS.windowMs * 0.9)).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 50 },
    )
  })
})
