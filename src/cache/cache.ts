import type { RingsideError } from '../base/errors.ts'

export type Outcome = 'found' | 'not-found' | 'miss'
export type Source = 'near' | 'copy' | 'replica' | 'primary' | 'origin'

export interface KeyRequest {
  readonly keyspace: string
  readonly key: string
  /** Empty = none. */
  readonly tenant: string
}

/** Who asks. */
export interface Reader {
  /** When it stops waiting, on the monotonic clock; `Infinity` = it never said. */
  readonly deadlineAt: number
  /** The name under which it asks; empty = none. May be worked out only when it is looked at. */
  readonly caller: string
}

export const NOBODY: Reader = { deadlineAt: Number.POSITIVE_INFINITY, caller: '' }

export interface GetRequest extends KeyRequest {
  /** Tightens the keyspace's bound; a larger one is clamped. */
  readonly maxStalenessMs?: number
  /** Of an object only the members of these names; absent = the whole value. */
  readonly fields?: ReadonlySet<string>
  /** A version that the caller has seen already: nothing older is answered. */
  readonly minVersion?: number
}

export interface InvalidateRequest extends KeyRequest {
  /** For so long, what is loaded is answered but not stored; less than the origin's lag counts as that. */
  readonly holdMs?: number
}

/** All of a tenant's keys that carry the tag. */
export interface InvalidateTagRequest extends Omit<KeyRequest, 'key'> {
  readonly tag: string
  readonly holdMs?: number
}

/** What one call invalidates among other things. */
export type InvalidateTarget = InvalidateRequest | InvalidateTagRequest

/** What a read says; times are milliseconds on the monotonic clock. */
export interface Answer {
  readonly outcome: Outcome
  /** Empty unless `found`. Not to be changed: it may be the near cache's own copy. */
  readonly value: Buffer
  readonly source: Source
  /** 0 for a miss, and for an answer that was never stored. */
  readonly version: number
  /** The latest instant at which the answer is known to have been current in the shared tier. */
  readonly asOf: number
  /** When the value was loaded from its origin. */
  readonly loadedAt: number
  /** Outside the freshness guarantee: older than the bound, or of unknown age. */
  readonly degraded: boolean
  /** Only with a `miss`: the right to fill the key by `set`. */
  readonly lease?: { readonly token: string; readonly ttlMs: number } | undefined
}

export interface SetRequest extends KeyRequest {
  readonly value: Buffer
  /** Above 0 and at most the keyspace's ttl, which it defaults to. */
  readonly ttlMs?: number
  /** From a miss; `''` = none. */
  readonly leaseToken: string
  readonly ifVersion?: number
  /** None unless given. */
  readonly tags?: readonly string[]
}

export interface SetResult {
  /** False only while a hold stands. */
  readonly stored: boolean
  readonly version: number
}

export interface IncrementRequest extends KeyRequest {
  /** Both within 64 bits. `initial`: what an absent counter begins from. */
  readonly delta: bigint
  readonly initial: bigint
  /** Counts where the counter begins; above 0 and at most the keyspace's ttl, which it defaults to. */
  readonly ttlMs?: number
  /** The same of a repeated call, which then counts once; empty = none. */
  readonly requestId: string
}

/** One change for the origin. */
export interface WriteRequest extends KeyRequest {
  /** `undefined` = the value is to be deleted. */
  readonly value: Buffer | undefined
}

export interface WriteResult {
  /** Answers of this version or a larger one are newer than what was there before; 0 where the shard has yet to hear of it. */
  readonly version: number
  /** The shard, or with write-behind the origin, hears of it later. */
  readonly deferred: boolean
}

export interface InvalidateResult {
  /** 0 where it is deferred: it is not known yet. */
  readonly version: number
  /** Its shard could not be reached, so that it is kept for later: the freshness bound starts when it is replayed. */
  readonly deferred: boolean
}

/** A request for a key that is still bytes, all of its text ASCII. Lent. */
export interface KeyAtHand {
  readonly keyspace: string
  readonly tenant: string
  readonly bytes: Buffer
  /** Where the key begins and ends. */
  readonly start: number
  readonly end: number
  readonly maxStalenessMs: number | undefined
}

/** A near hit where it lies. */
export interface AnswerAtHand {
  readonly kind: 'value' | 'negative'
  readonly version: number
  readonly asOf: number
  readonly loadedAt: number
  /** Of the value. */
  readonly bytes: number
  /** Writes the value into `target`, from `at` on. */
  copyTo(target: Buffer, at: number): void
}

/** The use cases that the edges serve. Rejects only with `RingsideError`. */
export interface Cache {
  /** Synchronous for a near hit: no promise is made on the path that must cost least. */
  get(request: GetRequest, reader?: Reader): Answer | Promise<Answer>
  /**
   * What `get` would answer from this process's own memory, where it lies: lent until anything else is asked. `undefined`
   * for everything else, also for a request that `get` would refuse. Counted as `get` counts it. `begunAt` is when the
   * request came (monotonic ms).
   */
  getAtHand(request: KeyAtHand, begunAt: number): AnswerAtHand | undefined
  /** One result for each request, in order; a failing one never fails the rest. */
  batchGet(requests: readonly GetRequest[], reader?: Reader): Promise<readonly (Answer | RingsideError)[]>
  set(request: SetRequest): Promise<SetResult>
  /** Changes the origin, under the strategy of the keyspace. */
  write(request: WriteRequest): Promise<WriteResult>
  /** Adds to a counter; resolves with its sum. */
  increment(request: IncrementRequest, reader?: Reader): Promise<bigint>
  /** All targets are tried; rejects if any could be neither invalidated nor deferred. */
  invalidate(targets: readonly InvalidateTarget[]): Promise<readonly InvalidateResult[]>
}
