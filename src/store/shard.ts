import type { Entry, StaleEntry } from '../base/entry.ts'

/** What a plain read finds. */
export type ShardRead =
  | { readonly found: true; readonly entry: Entry; readonly sentAt: number }
  | { readonly found: false; readonly sentAt: number }

export type Acquired =
  /** The lease is ours: load, then `fill` with the token. */
  | { readonly outcome: 'granted'; readonly stale: StaleEntry | undefined; readonly sentAt: number }
  /** Another holder's lease stands for `leaseTtlMs` more. */
  | {
      readonly outcome: 'busy'
      readonly leaseTtlMs: number
      readonly stale: StaleEntry | undefined
      readonly sentAt: number
    }
  /** Somebody filled the key meanwhile. */
  | { readonly outcome: 'value'; readonly entry: Entry; readonly sentAt: number }

/** What is stored under a key. Durations are in milliseconds and count from the moment the server runs the script. */
export interface Content {
  readonly kind: 'value' | 'negative'
  /** At most the configured value limit; empty for `negative`. */
  readonly value: Buffer
  /** Time to live, above 0; jitter is already in it. */
  readonly ttlMs: number
  /** Until a refresh ahead of expiry is due; `undefined` = never. */
  readonly softTtlMs: number | undefined
  /** How long the bytes stay readable as a stale entry after they expired or were invalidated; 0 = not at all. */
  readonly staleKeepMs: number
  /** How long ago the origin was asked: the entry's age starts there. */
  readonly loadedAgoMs: number
  /** What the load cost, for later decisions about refreshing; 0 when unknown. */
  readonly loadCostMs: number
}

export type Filled =
  | { readonly outcome: 'filled'; readonly version: number }
  /** The lease no longer stood: an invalidation or another write came between. */
  | { readonly outcome: 'lost' }

export interface PutOptions {
  /** Store only if the live entry has exactly this version; 0 = only if there is no live entry. */
  readonly ifVersion?: number
}

export type PutResult =
  | { readonly outcome: 'stored'; readonly version: number }
  /** `version`: the live entry's, 0 if there is none. */
  | { readonly outcome: 'version-mismatch'; readonly version: number }

export interface AcquireOptions {
  /** 16 bytes, unique to this attempt. Acquiring again with the same token is granted again. */
  readonly token: Buffer
  readonly leaseTtlMs: number
}

export interface ShardStats {
  readonly reads: number
  /** Entries of an unknown format, read as misses. */
  readonly malformed: number
  /** Memory figures of the server; `undefined` until they are known. */
  readonly memoryBytes: number | undefined
  readonly memoryLimitBytes: number | undefined
  readonly fragmentationRatio: number | undefined
  readonly evictedKeys: number | undefined
  /** Failures by kind: `timeout`, `connection`, `breaker`, `overload` or the server's own error word, such as `OOM`. */
  readonly errors: ReadonlyMap<string, number>
}

export type ShardState =
  | { readonly up: true; readonly warnings: readonly string[] }
  | { readonly up: false; readonly why: string }

/**
 * One node of the shared tier. Every operation is atomic, touches one key and has a deadline of its own.
 *
 * - Rejects only with `RingsideError`: `SHARD_UNAVAILABLE` when no answer came (for a change: the outcome is unknown,
 *   but it will not run later than its deadline), `INTERNAL` for a reply that makes no sense.
 * - `sentAt` is the monotonic moment just before the request left: the answer was current no earlier than that.
 * - Versions only grow per key; they are made by the script that writes: `max(server TIME in µs, old + 1, floor)`,
 *   `floor` being the largest version this shard object has seen.
 * - A lease falls to any `put` or `invalidate`; a later `fill` with its token is `lost`.
 */
export interface Shard {
  readonly name: string
  start(): Promise<void>
  close(): Promise<void>
  state(): ShardState
  stats(): ShardStats
  /** A plain GET. Leases, tombstones, expired and malformed entries are not found. */
  read(key: string): Promise<ShardRead>
  /** Absent, expired, tombstone or dead lease → writes a lease, keeping what may be served stale. */
  acquire(key: string, options: AcquireOptions): Promise<Acquired>
  /** Stores only if the lease with this token still stands (a dead one that nobody replaced does). */
  fill(key: string, token: Buffer, content: Content): Promise<Filled>
  /** Stores whatever stands there, killing any lease. */
  put(key: string, content: Content, options?: PutOptions): Promise<PutResult>
  /** Leaves a tombstone with the next version and kills any lease. Returns that version. */
  invalidate(key: string, options: { readonly staleKeepMs: number }): Promise<number>
  /** Gives the lease back without a value, so that the next reader need not wait for its end. No-op when it fell. */
  release(key: string, token: Buffer): Promise<void>
  /** Takes the refresh lock of a key for `ttlMs`; false when another sidecar has it. */
  lock(key: string, ttlMs: number): Promise<boolean>
}
