import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

function of(...durations: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const ms of durations) histogram.add(ms)
  return histogram
}

describe('a histogram of latencies', () => {
  it('has quantiles that are never too low, and at most 2 % too high', () => {
    const durations = Array.from({ length: 1_000 }, (_, index) => (index + 1) * 1.7)
    const histogram = of(...durations)
    for (const [share, exact] of [
      [0.5, 850],
      [0.99, 1_683],
      [1, 1_700],
    ] as const) {
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(exact)
      expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * 1.02)
    }
  })

  it('is the same after its counts have travelled, and were put together', () => {
    const whole = of(0.01, 1, 2, 3, 4_000)
    const parts = [of(0.01, 1), of(2, 3, 4_000)].map(({ counts }) => JSON.parse(JSON.stringify(counts)))
    const joined = LatencyHistogram.of(parts)
    expect(joined.total).toBe(5)
    for (const share of [0, 0.3, 0.5, 0.9, 1]) expect(joined.quantile(share)).toBe(whole.quantile(share))
  })

  it('has quantiles of 0 where there is nothing', () => {
    expect(of().quantile(0.99)).toBe(0)
  })
})
