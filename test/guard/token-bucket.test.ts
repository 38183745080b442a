import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../src/guard/token-bucket.ts'
import { ManualClock } from '../support/manual-clock.ts'

function build(perSecond: number) {
  const clock = new ManualClock()
  const state = { share: 1 }
  return { clock, state, bucket: new TokenBucket({ perSecond, share: () => state.share }, clock) }
}

describe('TokenBucket', () => {
  it('holds a burst of a tenth of a second, and fills at its rate', async () => {
    const { clock, bucket } = build(1_000)
    expect(bucket.available).toBe(100)
    bucket.take(100)
    expect(bucket.available).toBe(0)
    await clock.advance(7)
    expect(bucket.available).toBe(7)
    await clock.advance(10_000)
    expect(bucket.available).toBe(100)
  })

  it('says when the next token comes', async () => {
    const { clock, bucket } = build(4)
    expect(bucket.nextInMs).toBe(0)
    bucket.take(1)
    expect(bucket.nextInMs).toBe(250)
    await clock.advance(100)
    expect(bucket.nextInMs).toBe(150)
    await clock.advance(150)
    expect(bucket.available).toBe(1)
  })

  it('fills at its share of the rate, and keeps no larger burst than that share has', async () => {
    const { clock, state, bucket } = build(1_000)
    state.share = 0.25
    expect(bucket.available).toBe(25)
    bucket.take(25)
    await clock.advance(40)
    expect(bucket.available).toBe(10)
    state.share = 0
    expect(bucket.available).toBe(0)
    await clock.advance(60_000)
    expect(bucket.available).toBe(0)
  })

  it('never lets through more than its rate and one burst, however it is asked', async () => {
    const step = fc.record({ ms: fc.nat({ max: 300 }), wanted: fc.nat({ max: 200 }) })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), fc.array(step, { maxLength: 20 }), async (rate, steps) => {
        const { clock, bucket } = build(rate)
        let taken = 0
        for (const { ms, wanted } of steps) {
          await clock.advance(ms)
          const count = Math.min(wanted, bucket.available)
          bucket.take(count)
          taken += count
        }
        expect(taken).toBeLessThanOrEqual(Math.max(1, rate / 10) + (clock.now() / 1_000) * rate + 1e-6)
      }),
      { numRuns: 50 },
    )
  })
})
