import type { Compression } from './compression.ts'
import type { ValueEncoding } from './value-encoding.ts'

export type Consistency = 'strong' | 'bounded' | 'tolerant'

/** What to do when no rung answers within the bound. */
export type DegradedThen = 'origin' | 'stale' | 'fail'

/** Who may name a tenant: nobody, anybody, everybody must, or only those listed (then one is required). */
export type TenantPolicy = 'none' | 'optional' | 'required' | readonly string[]

/** What becomes of the stored value when a change is written to the origin. */
export const WRITE_STRATEGIES = ['invalidate', 'write-through', 'write-behind'] as const
export type WriteStrategy = (typeof WRITE_STRATEGIES)[number]

/** What a keyspace is warmed with when a sidecar starts. */
export interface Preload {
  readonly from: 'query' | 'hot'
  /** Most keys a second; `undefined` = as many as there are places for. */
  readonly keysPerSecond: number | undefined
  /** Not if it was done within so long. */
  readonly notWithinMs: number
}

/** The rules of one keyspace. Durations in milliseconds, sizes in bytes. */
export interface KeyspacePolicy {
  readonly name: string
  readonly version: number
  /** What its keys hold: bytes, or sums that are added to. */
  readonly kind: 'value' | 'counter'
  readonly consistency: Consistency
  /** The freshness bound: 0 for strong. */
  readonly boundMs: number
  readonly ttlMs: number
  /** Share of the ttl, 0..1, by which it is shortened at random. */
  readonly jitter: number
  readonly softTtlMs: number | undefined
  /** How long "the origin has none" is believed; 0 = not cached. */
  readonly negativeTtlMs: number
  /** Name of the origin; `undefined` makes it a cache-aside keyspace. */
  readonly origin: string | undefined
  /** What values are written in, for those who ask for parts of them. */
  readonly encoding: ValueEncoding
  /** How values are made smaller where they are stored; `undefined` = they are not. */
  readonly compress: Compression | undefined
  readonly tenants: TenantPolicy
  readonly keyPattern: RegExp | undefined
  readonly near: boolean
  /** How much of the near cache it may take, 0..1. */
  readonly nearShare: number
  /** Its place in the list of shares of the near cache; `undefined` = it has none of its own. */
  readonly nearGroup: number | undefined
  /** How far behind its origin may be, in what it answers: misses are not stored for so long after an invalidation. */
  readonly lagMs: number
  /** Most extra copies of a hot key; 0 for strong. */
  readonly maxCopies: number
  /** Whether replicas may be read. */
  readonly replicaReads: boolean
  /** `undefined` = nothing is written to the origin from here. */
  readonly writes: WriteStrategy | undefined
  /** Most changes that wait for their origins on one shard, for `write-behind`. */
  readonly maxBacklog: number
  /** What is added to a counter within so long is added together; 0 = each by itself. */
  readonly coalesceMs: number
  /** How stale an answer may be in an emergency; 0 = never stale. */
  readonly degradedMs: number
  readonly degradedThen: DegradedThen
  /** `undefined` = its keys come with their readers. */
  readonly preload?: Preload | undefined
}
