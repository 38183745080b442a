import type { RingsideError } from '../base/errors.ts'
import type { Party } from '../flight/party.ts'
import type { OriginRefusal } from './refusal.ts'
import type { TaggedValue } from './tagged-value.ts'

/**
 * What an origin says about the keys it was asked for. A key that is absent does not exist there; an error says that it
 * answered for the others but made no sense about this one.
 */
export type LoadedValues = ReadonlyMap<string, Buffer | TaggedValue | RingsideError>

export interface LoadContext {
  /** Aborts when the load's deadline has passed: the adapter cancels what it can. */
  readonly signal: AbortSignal
  /** Deadline of this load on the monotonic clock. */
  readonly deadlineAt: number
}

/** Whose keys a load asks for; `tenant` is empty where the keyspace has none. Keys of two scopes never share a query. */
export interface LoadScope {
  readonly keyspace: string
  readonly tenant: string
}

/** What is to become of one key. `version` only grows per key, larger = later; 0 = unguarded. */
export type OriginChange = { readonly key: string; readonly version: number } & (
  | { readonly value: Buffer }
  | { readonly deleted: true }
)

/**
 * What is known of a store that failed, under `outcome` in the metadata of its error: nothing was changed for certain, or
 * nobody can tell.
 */
export type StoreOutcome = 'unchanged' | 'unknown'

/**
 * The source of truth behind a keyspace. Adapters are thin: the guard (deadline, bulkhead, breaker) and the joining of
 * keys into batches stand in front of them.
 *
 * `load` asks for 1 to `batch` distinct keys in one call to the outside and never answers a partial result: it resolves
 * with what exists, or rejects with a `RingsideError` (`ORIGIN_UNAVAILABLE`, whose `cause` is the driver's error); with
 * `UnanswerableKeys` where the origin is well, and asking for fewer keys at once would tell which of them it fails on;
 * with `ConnectionLost` where a connection that had been made broke before the answer.
 * An error is never "not found". After an abort it settles only when the call can no longer burden the origin.
 *
 * `store`, where there is one, makes 1 to `batch` changes of distinct keys, all or none. It rejects with `ChangesRefused`
 * where the origin is well and takes at least one of them for wrong, with `ChangesCollided` where it is well and trying
 * again may help; any error that does not say `outcome: 'unchanged'` leaves open whether they were made.
 */
export interface OriginAdapter {
  readonly type: string
  /** Prepares the connection; an unreachable origin is no error here, it shows at `load`. */
  start(): Promise<void>
  close(): Promise<void>
  load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues>
  /** `undefined` = nothing can be changed here. */
  readonly store?: StoreChanges | undefined
  /** `undefined` = its keys cannot be listed. Rejects as `load` does. */
  readonly list?: ListKeys | undefined
}

/** Some of the keys that there are, in an order of the origin's own that stays the same. */
export interface KeyPage {
  /** The last one that is known; `undefined` = from the first. */
  readonly after: string | undefined
  /** At least 1; fewer are no sign that there are no more, none are. */
  readonly most: number
}

export type ListKeys = (scope: LoadScope, page: KeyPage, context: LoadContext) => Promise<readonly string[]>

export type StoreChanges = (scope: LoadScope, changes: readonly OriginChange[], context: LoadContext) => Promise<void>

/**
 * Why a load happens. `fallback`: the shard could not answer, the headline metric of cache degradation. Nobody waits for a
 * `refresh`, an `audit` (to compare) or a `warm`: they are refused with `ORIGIN_LIMIT` unless the origin is well and has
 * places to spare. What is warmed keeps to the cold rate, too.
 */
export const LOAD_CAUSES = ['miss', 'refresh', 'fallback', 'audit', 'warm'] as const
export type LoadCause = (typeof LOAD_CAUSES)[number]

export interface LoadRequest extends LoadScope {
  readonly key: string
  readonly cause: LoadCause
  /** Who waits for it: how soon and how urgently it is wanted. Without one it is wanted once, whenever it comes. */
  readonly party?: Party
}

export type Loaded =
  | {
      readonly found: true
      readonly value: Buffer
      /** None unless given. */
      readonly tags?: readonly string[]
      readonly sentAt: number
      readonly costMs: number
    }
  | { readonly found: false; readonly sentAt: number; readonly costMs: number }

/** What became of a change that was to be stored; `refused`: the origin is well, and takes it for wrong. */
export const STORE_RESULTS = ['stored', 'refused', 'unchanged', 'unknown'] as const
export type StoreResult = (typeof STORE_RESULTS)[number]

export interface StoreOptions {
  /** On the monotonic clock; covers waiting for a place and the change itself. */
  readonly deadlineAt: number
}

export interface OriginStats {
  /** Distinct keys that were asked for, by cause. */
  readonly loads: Readonly<Record<LoadCause, number>>
  /** Changes that were to be stored, by what became of them. */
  readonly stores: Readonly<Record<StoreResult, number>>
  /** Calls to the outside that may be under way at once, at present. */
  readonly limit: number
  /** What `limit` may rise to at present: this sidecar's share of what the fleet may have under way. */
  readonly share: number
  /** Calls to the outside that are under way. */
  readonly inFlight: number
  /** Keys that wait for a place. */
  readonly waiting: number
  /** Keys refused before they left, or before they left again. */
  readonly rejected: Readonly<Record<OriginRefusal, number>>
  /** Calls to the outside that repeated an earlier one, for some or all of its keys. */
  readonly retries: number
}

/**
 * What the read path sees: one key at a time, joined underneath. Rejects only with `RingsideError`:
 * `ORIGIN_UNAVAILABLE` (failed, timed out, breaker open), `ORIGIN_LIMIT` (no place within the limits), both with
 * `retryAfterMs`, or `KEY_INVALID` (this origin cannot read such a key: a retry is of no use). `sentAt` is the moment the query that answered was sent.
 *
 * `store` makes changes of distinct keys, all or none, and never twice. It rejects likewise, or with `WRITE_REFUSED` (the
 * origin is well, but does not take such a change); the error's metadata always has an `outcome`, a `StoreOutcome`.
 */
export interface Origin {
  readonly name: string
  start(): Promise<void>
  close(): Promise<void>
  load(request: LoadRequest): Promise<Loaded>
  /** Most time of a load, waiting included; what it has sent may run as long again before the origin itself ends it. */
  readonly timeoutMs: number
  /** False: every `store` is refused. */
  readonly canStore: boolean
  store(scope: LoadScope, changes: readonly OriginChange[], options: StoreOptions): Promise<void>
  /** A page of keys, if the origin has places to spare. Rejects as `load` does. `undefined` = its keys cannot be listed. */
  readonly list?: ((scope: LoadScope, page: KeyPage) => Promise<readonly string[]>) | undefined
  stats(): OriginStats
}
