import type { Entry, StaleEntry } from '../base/entry.ts'
import type { TagRef } from '../base/tag-ref.ts'
import type { Compression } from '../keyspace/compression.ts'
import type { BudgetAsk, BudgetGrant } from './budget.ts'
import type { ChannelProof } from './channel-proof.ts'
import type { CopyContent, CopyLease } from './copy-lease.ts'
import type { Epoch } from './epoch.ts'
import type { HeatNews, HeatReport, HotKey } from './heat.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { ArgumentsOf, ChangeName, OperationName, ResultOf } from './operations.ts'
import type { ShardState, ShardStats } from './shard-stats.ts'
import type { AskOptions, ChangeNow, ShardNow, Told } from './told.ts'
import type { IntendOptions, Settled, SettleOptions } from './write-intent.ts'

/** An entry, and how current it is known to be. */
export interface Found {
  readonly entry: Entry
  /** The monotonic moment just before the request left. */
  readonly sentAt: number
  /** The latest moment at which the entry is known to have been current; not after `sentAt`. */
  readonly asOf: number
  /** What goes on vouching for it, where it was read with tracking. */
  readonly proof: ChannelProof | undefined
}

/**
 * What a plain read finds. Where it finds nothing, `version` is that of a tombstone, or of a lease that was taken over
 * one, of the present epoch: the key has changed under it; 0 = nothing is known to have changed.
 */
export type ShardRead =
  | ({ readonly found: true } & Found)
  | { readonly found: false; readonly sentAt: number; readonly version: number }

export interface ReadOptions {
  /** Nothing older is good enough. An entry that is older all the same may be found, and says so. */
  readonly notBefore?: number
  /** The entry is to be kept: changes of the key will be heard of. */
  readonly tracked?: boolean
}

export interface ReplicaReadOptions {
  readonly notBefore: number
  readonly anyway?: boolean
}

export type Acquired =
  /** The lease is ours: load, then `fill` with the token. `holdMs`: for so long, what is loaded may not be stored. */
  | {
      readonly outcome: 'granted'
      readonly stale: StaleEntry | undefined
      readonly sentAt: number
      readonly holdMs: number
    }
  /** Another holder's lease stands for `leaseTtlMs` more. */
  | {
      readonly outcome: 'busy'
      readonly leaseTtlMs: number
      readonly stale: StaleEntry | undefined
      readonly sentAt: number
      readonly holdMs: number
      /** The next change of the key will be heard of. */
      readonly tracked: boolean
    }
  /** Somebody filled the key meanwhile. */
  | ({ readonly outcome: 'value' } & Found)

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
  /** None unless given. */
  readonly tags?: readonly TagRef[] | undefined
  /** How the value is made smaller where it is stored, if that helps; not at all unless given. */
  readonly compress?: Compression | undefined
}

export type Filled =
  | { readonly outcome: 'filled'; readonly version: number }
  /** The lease no longer stood: an invalidation or another write came between. */
  | { readonly outcome: 'lost' }
  /** Not stored: a hold stands. The lease is still there. */
  | { readonly outcome: 'held'; readonly version: number }

/** A value that somebody wrote and wants acknowledged, not one that can be loaded again. */
export interface ShardWrite {
  /** If the outcome stays unknown, the journal owes the key an invalidation, with a hold of this length. */
  readonly holdMs: number
}

export interface FillOptions {
  readonly write?: ShardWrite
}

export interface InvalidateOptions {
  readonly staleKeepMs: number
  /** For so long, misses may be loaded but not stored; 0 = they may. */
  readonly holdMs?: number
}

export interface PutOptions {
  /** Store only if the live entry has exactly this version; 0 = only if there is no live entry. */
  readonly ifVersion?: number
  readonly write?: ShardWrite
}

export type PutResult =
  | { readonly outcome: 'stored'; readonly version: number }
  /** `version`: the live entry's, 0 if there is none. */
  | { readonly outcome: 'version-mismatch'; readonly version: number }
  /** Not stored: a hold stands. `version`: of what stands there. */
  | { readonly outcome: 'held'; readonly version: number }

export interface AcquireOptions {
  /** 16 bytes, unique to this attempt. Acquiring again with the same token is granted again. */
  readonly token: Buffer
  readonly leaseTtlMs: number
  /** A value that is older is not answered: the lease is granted over it. */
  readonly notBefore?: number
  /** Neither is a value of a smaller version. */
  readonly leastVersion?: number
  /** The next change of the key is to be heard of. */
  readonly tracked?: boolean
  /**
   * How far behind what is loaded may be: for so long after a new epoch, too, a hold stands, since the memory before may
   * have forgotten one.
   */
  readonly lagMs?: number
}

/**
 * One node of the shared tier. Every operation is atomic, touches one key and has a deadline of its own.
 *
 * - Rejects only with `RingsideError`: `SHARD_UNAVAILABLE` when no answer came (for a change: the outcome is unknown,
 *   but it will not run later than its deadline), `INTERNAL` for a reply that makes no sense.
 * - `sentAt` is the monotonic moment just before the request left; `asOf` is that moment if the shard has answered a
 *   heartbeat of late, else that heartbeat's. A read that is not vouched for since its `notBefore` rejects as unanswered.
 * - An entry of an older epoch is a miss unless that epoch is accepted, or in quarantine with an `asOf` that satisfies.
 * - Versions only grow per key; they are made by the script that writes: `max(server TIME in µs, old + 1, floor)`,
 *   `floor` being the largest version this shard object has seen.
 * - A lease falls to any `put`, `invalidate` or `intend`; a later `fill` with its token is `lost`.
 * - While an intent stands nothing else is stored: `acquire` answers a hold, `fill` and `put` are `held`.
 */
export interface Shard {
  readonly name: string
  /** What the sidecars that use it have to say to each other. */
  readonly board: NoticeBoard
  start(): Promise<void>
  close(): Promise<void>
  state(): ShardState
  stats(): ShardStats
  /** A plain GET. Leases, tombstones, expired and malformed entries are not found. */
  read(key: string, options?: ReadOptions): Promise<ShardRead>
  /**
   * The same from a replica, if one is less loaded than the primary (with `anyway`: however loaded) and no older than
   * `notBefore`; else, or if it finds nothing there, `undefined`.
   */
  readReplica(key: string, options: ReplicaReadOptions): Promise<Found | undefined>
  /** Absent, expired, tombstone or dead lease → writes a lease, keeping what may be served stale. */
  acquire(key: string, options: AcquireOptions): Promise<Acquired>
  /** Stores only if the lease with this token still stands (a dead one that nobody replaced does). */
  fill(key: string, token: Buffer, content: Content, options?: FillOptions): Promise<Filled>
  /** Stores whatever stands there, killing any lease. */
  put(key: string, content: Content, options?: PutOptions): Promise<PutResult>
  /** Leaves a tombstone with the next version and kills any lease. Returns that version. */
  invalidate(key: string, options: InvalidateOptions): Promise<number>
  /**
   * Keeps an invalidation that gave no answer: from the call on, this sidecar asks nothing of the shard but invalidations
   * until it is made good, also after a restart. False where it cannot be kept.
   */
  defer(key: string, holdMs: number): Promise<boolean>
  /** Says that the origin is about to be changed. A live value stays readable up to the end of the first such intent. */
  intend(key: string, options: IntendOptions): Promise<void>
  /** Ends that intent, and no other. Without it, since it has run out or was lost, as for any other reason: drops. */
  settle(key: string, options: SettleOptions): Promise<Settled>
  /** Gives the lease back without a value, so that the next reader need not wait for its end. No-op when it fell. */
  release(key: string, token: Buffer): Promise<void>
  /** Takes the refresh lock of a key for `ttlMs`; false when another sidecar has it. */
  lock(key: string, ttlMs: number): Promise<boolean>
  /**
   * A copy, by a plain GET. Its `asOf` is the stored one on this sidecar's clock, at the older end of what is possible, and
   * nothing goes on vouching for it. `undefined` where it is older than `notBefore`, or of another epoch than the present.
   */
  readCopy(name: string, options: { readonly notBefore: number }): Promise<Found | undefined>
  /** Takes the lease of a copy; `undefined` when another has it, or the copy is there. */
  leaseCopy(name: string, leaseTtlMs: number): Promise<CopyLease | undefined>
  /**
   * Stores what was read at the primary after the lease was taken, with the primary's version and the older of the lease's
   * and the primary answer's `as_of`. False when the lease does not stand any more, or the copy would be over already.
   */
  fillCopy(name: string, lease: CopyLease, copy: CopyContent): Promise<boolean>
  /** Removes a copy and any lease of it, so that a fill under way is lost. */
  dropCopy(name: string): Promise<void>
  /** Asks for this sidecar's share of an origin's limit. `sentAt`: the monotonic moment just before the ask left. */
  budget(ask: BudgetAsk): Promise<{ readonly grant: BudgetGrant; readonly sentAt: number }>
  /** Tells how hot keys are that live here, as far as this sidecar knows; the answer: which of them have copies. */
  heat(report: HeatReport): Promise<HeatNews>
  /** The keys that the whole fleet asks for most of those that live here, the hottest first. */
  hottest(limit: number): Promise<readonly HotKey[]>
  /**
   * Carries out one operation of the server as it is, on what is no entry: locks, counters, stamps, streams. Nothing is told of
   * how current the answer is but when it was asked for, and what it changed is not made again after a failover. `key`: the
   * one whose home this shard was taken for, and whose slot the operation touches.
   */
  ask<Name extends OperationName>(
    key: string,
    name: Name,
    args: (now: ShardNow) => ArgumentsOf<Name>,
    options?: AskOptions,
  ): Promise<Told<ResultOf<Name>>>
  /**
   * Carries out one operation of the server that changes an entry, and acknowledges that as it does a `put`: every home of
   * the key hears of it, and after a failover it is made good. Where the answer's version is 0 nothing was changed.
   */
  change<Name extends ChangeName>(
    key: string,
    name: Name,
    args: (now: ChangeNow) => ArgumentsOf<Name>,
  ): Promise<ResultOf<Name>>
  /** `wake` is called at each change of the key that is heard of, and when no more can be. Returns what ends that. */
  watch(key: string, wake: () => void): () => void
  /** What was read so far counts no longer than its own `asOf`: nothing goes on vouching for it. */
  unprove(): void
  /** No version made for this sidecar will be below this one. */
  atLeast(version: number): void
  /** What the server's clock shows now at least, in µs; `undefined` when it has not been heard. */
  serverUs(): number | undefined
  /**
   * The monotonic moment at which the server's clock showed `us`, or one before that; -Infinity where it has not been heard in
   * that epoch.
   */
  momentOf(epoch: Epoch, us: number): number
}
