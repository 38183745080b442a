import { LRUCache } from 'lru-cache'
import { createNearCache, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { entryBytes } from '../../src/near/entry-cost.ts'
import type { NearEntry } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import type { Trace } from './hit-ratio-trace.ts'

/**
 * Hits of a near cache with room for `capacity` entries, each missed key being put. All entries are of one size and one
 * lifetime and none expires, so `ttl` amounts to first in, first out.
 */
export function nearHits(trace: Trace, policy: NearPolicy, capacity: number): number {
  const keys = keysOf(trace)
  const maxBytes = capacity * entryBytes(keys[0]!, entryPutAt(0))
  const cache = createNearCache({ maxBytes, policy }, new ManualClock())
  for (let at = 0; at < trace.ids.length; at += 1) {
    const key = keys[trace.ids[at]!]!
    if (cache.get(key) === undefined) cache.put(key, entryPutAt(at))
  }
  return cache.stats().hits
}

/** Hits of the npm package `lru-cache` with `max: capacity`. */
export function lruCacheHits(trace: Trace, capacity: number): number {
  const keys = keysOf(trace)
  const cache = new LRUCache<string, true>({ max: capacity })
  let hits = 0
  for (let at = 0; at < trace.ids.length; at += 1) {
    const key = keys[trace.ids[at]!]!
    if (cache.get(key) === undefined) cache.set(key, true)
    else hits += 1
  }
  return hits
}

/** One string of one length for each key id. */
function keysOf(trace: Trace): readonly string[] {
  return Array.from({ length: trace.distinct }, (_, id) => String(id).padStart(6, '0'))
}

const NO_BYTES = Buffer.alloc(0)
const LIFETIME_MS = 1e9

function entryPutAt(at: number): NearEntry {
  const expiresAt = at + LIFETIME_MS
  return { kind: 'value', value: NO_BYTES, version: 1, asOf: at, loadedAt: at, freshUntil: expiresAt, expiresAt }
}
