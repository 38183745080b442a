import { createNearCache, type NearPolicy } from '../../src/near/create-near-cache.ts'
import type { NearEntry } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'

/**
 * The least `maxBytes` with which a cache keeps `count` entries like this one, as found by filling caches: what an entry
 * takes depends on its neighbours, and on how much memory the tables have.
 */
export function roomFor(count: number, entry: NearEntry, policy: NearPolicy, keyLength = 10): number {
  let least = count * 64
  let most = count * 2_048 + 4 * count * entry.value.length
  while (most - least > 32) {
    const maxBytes = 32 * Math.floor((least + most) / 64)
    if (keeps(maxBytes, count, entry, policy, keyLength)) most = maxBytes
    else least = maxBytes
  }
  return most
}

function keeps(maxBytes: number, count: number, entry: NearEntry, policy: NearPolicy, keyLength: number): boolean {
  const cache = createNearCache({ maxBytes, policy }, new ManualClock())
  for (let number = 0; number < 5 * count; number += 1) cache.put(String(number).padStart(keyLength, '0'), entry)
  return cache.stats().entries >= count
}
