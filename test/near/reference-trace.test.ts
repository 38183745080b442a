import { expect, it } from 'vitest'
import { createNearCache, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { beladyHits, nextUsesOf } from '../bench/belady.ts'
import { lruCacheHits } from '../bench/hit-ratio-replay.ts'
import { readTrace, type Trace } from '../bench/hit-ratio-trace.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { roomFor } from './room-for.ts'

// Figures published with the traces (test/bench/traces/README.md), in percent.
const references = [
  { name: 'web12', capacity: 688, lru: 60.0, frequency: 64.9, belady: 74.7 },
  { name: 'web12', capacity: 2_751, lru: 75.7, frequency: 78.0, belady: 84.0 },
  { name: 'web07', capacity: 1_024, lru: 50.6, frequency: 54.2, belady: 63.7 },
] as const

/** Hits of a near cache with room for exactly `capacity` entries of one size, each missed key being put. */
function nearHits(trace: Trace, policy: NearPolicy, capacity: number): number {
  const entry = nearEntry({ value: '' })
  const cache = createNearCache({ maxBytes: roomFor(capacity, entry, policy), policy }, new ManualClock())
  for (const id of trace.ids) {
    const key = String(id).padStart(10, '0')
    if (cache.get(key) === undefined) cache.put(key, entry)
  }
  return cache.stats().hits
}

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
