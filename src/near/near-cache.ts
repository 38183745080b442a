/** One answer kept in process. Times are milliseconds on the monotonic clock. */
export interface NearEntry {
  readonly kind: 'value' | 'negative'
  /** The near cache's own copy of the bytes: callers must not change it, and may send it as it is. */
  readonly value: Buffer
  readonly version: number
  /** The latest instant at which the entry is known to have been current in the shared tier. */
  readonly asOf: number
  /** When the value was loaded from its origin. */
  readonly loadedAt: number
  /** Up to here the entry may be answered as fresh (subject to the reader's bound on `asOf`). */
  readonly freshUntil: number
  /** Up to here it may be answered as stale; the entry is dropped afterwards. ≥ `freshUntil`. */
  readonly expiresAt: number
}

/**
 * Why an entry left, or did not get in. A closed set: metrics list exactly these.
 * `rejected` never got in: too large, older than what stands under its key, or refused by the policy at first sight.
 */
export const EVICTION_CAUSES = ['size', 'expired', 'dropped', 'replaced', 'rejected', 'negative-share'] as const
export type EvictionCause = (typeof EVICTION_CAUSES)[number]

export interface NearStats {
  readonly bytes: number
  readonly limitBytes: number
  readonly entries: number
  readonly hits: number
  readonly misses: number
  readonly evictions: Readonly<Record<EvictionCause, number>>
}

/**
 * A cache inside one sidecar, bounded by bytes: keys, values and bookkeeping are counted, and the bound holds after
 * every `put`. Values are copied in, so the caller's buffer (often a view that pins a larger one) is never kept.
 *
 * Which entries stay is the policy's business (`frequency`, `lru`, `ttl`); what every policy keeps to:
 * - `get` never answers an entry after its `expiresAt`; from then on the key counts as absent, for versions too;
 * - `put` replaces what stood under the key, unless that has a larger `version` or, with the same version or where either
 *   has none (0), a later `asOf`;
 * - an entry that has expired already, or is larger than the whole cache, does not get in, and what stood under its key
 *   is gone;
 * - negative entries never take more than their share of the bytes: the one that was put first goes first.
 * Expired entries leave when they are met, by `get`, by `put` or as the next to be evicted; no timer looks for them.
 */
export interface NearCache {
  /** The entry, counted as a hit; `undefined` is counted as a miss. */
  get(key: string): NearEntry | undefined
  put(key: string, entry: NearEntry): void
  drop(key: string): void
  clear(): void
  stats(): NearStats
}
