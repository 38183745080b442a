import type { TagRef } from './tag-ref.ts'

/**
 * What the shared tier knows of a key, as a reader sees it: all times are already converted from the storing
 * server's clock to durations, so nothing above the store compares two machines' clocks.
 */
export interface Entry {
  /** `negative`: the origin said that there is no such value; `value` is then empty. */
  readonly kind: 'value' | 'negative'
  /** Opaque bytes. May be a view into a larger buffer: copy before keeping. */
  readonly value: Buffer
  /** Hybrid version, µs-based, below 2^53; only grows per key. */
  readonly version: number
  /** Since the value was loaded from its origin, or set; never negative. */
  readonly ageMs: number
  /** Until it should be refreshed ahead of expiry; ≤ 0 when that is due, `undefined` when the keyspace has no soft TTL. */
  readonly softTtlMs: number | undefined
  /** Until it expires; above 0 for an entry that counts as a hit. */
  readonly ttlMs: number
  /** It counts only while none of them has been invalidated since; `undefined` = it carries none. */
  readonly tags?: readonly TagRef[] | undefined
}

/** A value that stopped being current, kept for readers that would rather have it than wait. */
export interface StaleEntry {
  readonly kind: 'value' | 'negative'
  readonly value: Buffer
  readonly version: number
  readonly ageMs: number
  /** Since it was last known to be current: since its expiry, its invalidation or its overwriting; never negative. */
  readonly staleForMs: number
  /** Those of the value, which may have been invalidated since or before. */
  readonly tags?: readonly TagRef[] | undefined
}
