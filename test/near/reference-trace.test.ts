import { expect, it } from 'vitest'
import { beladyHits, nextUsesOf } from '../bench/belady.ts'
import { lruCacheHits, nearHits } from '../bench/hit-ratio-replay.ts'
import { readTrace } from '../bench/hit-ratio-trace.ts'

// Figures published with the traces (test/bench/traces/README.md), in percent.
const references = [
  { name: 'web12', capacity: 688, lru: 60.0, frequency: 64.9, belady: 74.7 },
  { name: 'web12', capacity: 2_751, lru: 75.7, frequency: 78.0, belady: 84.0 },
  { name: 'web07', capacity: 1_024, lru: 50.6, frequency: 54.2, belady: 63.7 },
] as const

it.each(references)('meets the reference hit ratios on $name at $capacity entries', async (reference) => {
  const trace = await readTrace(reference.name)
  const percent = (hits: number) => (100 * hits) / trace.ids.length
  const figures = {
    lru: percent(nearHits(trace, 'lru', reference.capacity)),
    frequency: percent(nearHits(trace, 'frequency', reference.capacity)),
    belady: percent(beladyHits(trace, nextUsesOf(trace), reference.capacity)),
  }
  for (const name of ['lru', 'frequency', 'belady'] as const) {
    expect(Math.abs(figures[name] - reference[name]), name).toBeLessThanOrEqual(0.3)
  }
  expect(nearHits(trace, 'lru', reference.capacity)).toBe(lruCacheHits(trace, reference.capacity))
})
