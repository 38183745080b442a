import type { KeyText } from '../base/key-text.ts'

/**
 * Evidence, shared by many entries, that all of them were still current at a monotonic moment that moves on;
 * -Infinity once it is lost.
 */
export interface Proof {
  readonly provenAt: number
}

/** One answer kept in process. Times are milliseconds on the monotonic clock. */
export interface NearEntry {
  readonly kind: 'value' | 'negative'
  /**
   * The bytes of the answer. They are copied when an entry is put, and again when it is answered: a value that was
   * answered is the reader's to hold or to send, and never changes under it. It may be a view of a larger buffer.
   */
  readonly value: Buffer
  readonly version: number
  /**
   * The latest instant at which the entry is known to have been current in the shared tier; answered as the later of
   * this and what `proof` has proven since.
   */
  readonly asOf: number
  /** When the value was loaded from its origin. */
  readonly loadedAt: number
  /** Up to here the entry may be answered as fresh (subject to the reader's bound on `asOf`). */
  readonly freshUntil: number
  /** Up to here it may be answered as stale; the entry is dropped afterwards. ≥ `freshUntil`. */
  readonly expiresAt: number
  /** Kept with the entry, and followed for as long as the entry stays. Few different ones are alive at a time. */
  readonly proof?: Proof | undefined
  /** Whether it counts hangs on more than the cache knows: whoever put it has to look. */
  readonly tagged?: boolean | undefined
  /** An index into `maxShares`: whose share of the bytes the entry takes. Without one it is in nobody's. */
  readonly group?: number | undefined
}

/** An entry in the cache's own memory: lent until the cache is next asked for anything. */
export interface NearView extends Pick<NearEntry, 'kind' | 'version' | 'asOf' | 'loadedAt' | 'freshUntil'> {
  readonly tagged: boolean
  /** Of the value. */
  readonly bytes: number
  /** Writes the value into `target`, from `at` on. */
  copyTo(target: Buffer, at: number): void
  /** It is answered: counted, and seen by the policy. */
  hit(): void
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
 * every `put`. Values are copied in, so the caller's buffer (often a view that pins a larger one) is never kept, and
 * copied out, so no reader pins or sees the memory that the next entry will be written to.
 *
 * Which entries stay is the policy's business (`frequency`, `lru`, `ttl`); what every policy keeps to:
 * - `get` never answers an entry after its `expiresAt`; from then on the key counts as absent, for versions too;
 * - `put` replaces what stood under the key, unless that has a larger `version` or, with the same version or where either
 *   has none (0), a later `asOf`;
 * - an entry that has expired already, or is larger than the whole cache, does not get in, and what stood under its key
 *   is gone;
 * - negative entries never take more than their share of the bytes: the one that was put first goes first;
 * - no group takes more than its share: its own entries make room (`size`), or the newcomer is `rejected`.
 * Expired entries leave when they are met, by `get`, by `put` or as the next to be evicted; no timer looks for them.
 */
export interface NearCache {
  /** The entry where it lies at `now`, neither counted nor seen by the policy before `hit`; `undefined` as for `get`. */
  view(key: KeyText, now: number): NearView | undefined
  /** The entry, with the `proof` it was put with but no `group`, counted as a hit; `undefined` is counted as a miss. */
  get(key: string): NearEntry | undefined
  /** The entry as `get` answers it, but not counted and not seen by the policy. */
  peek(key: string): NearEntry | undefined
  put(key: string, entry: NearEntry): void
  /** Whether an entry under the key, put now, is likely to stay. */
  wants(key: string): boolean
  drop(key: string): void
  clear(): void
  stats(): NearStats
}
