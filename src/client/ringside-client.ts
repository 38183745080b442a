import { type Clock, systemClock } from '../base/clock.ts'
import { WireClient } from '../wire/grpc/wire-client.ts'
import { WireStatus } from '../wire/grpc/wire-status.ts'
import { decodeBatchGetResponse } from './batch-message.ts'
import type { CallOptions, InvalidateOptions } from './call-options.ts'
import { metadataOf } from './caller.ts'
import type { Channel, ChannelCall } from './channel.ts'
import { checkInt64, checkNumbers } from './check-numbers.ts'
import {
  decodeGetResponse,
  encodeBatchGetRequest,
  encodeGetRequest,
  type GetAnswer,
  type GetRequest,
} from './get-message.ts'
import { decodeIncrementResponse, encodeIncrementRequest, type IncrementRequest } from './increment-message.ts'
import {
  decodeInvalidateResponse,
  encodeInvalidateRequest,
  type InvalidateAnswer,
  type InvalidateTarget,
} from './invalidate-message.ts'
import { type BatchGetResult, JoinedGets } from './joined-gets.ts'
import { type Loader, LoadingReads } from './loading-reads.ts'
import { LockCalls } from './lock-calls.ts'
import { RingsideCallError } from './ringside-call-error.ts'
import { decodeSetResponse, encodeSetRequest, type SetAnswer, type SetRequest } from './set-message.ts'
import { defaultTarget } from './target.ts'
import { untilAborted } from './until-aborted.ts'
import { decodeWriteResponse, encodeWriteRequest, type WriteAnswer, type WriteRequest } from './write-message.ts'

export type { CallOptions, InvalidateOptions }
export { RingsideCallError }

const TIMEOUT_MS = 5_000
/** Above what a sidecar answers with its default limits: 16 values of 4 MiB in a batch. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024
/** Where a batch begins to cost no more than the near hits it is made of: docs/benchmarks.md. */
const JOIN_FROM = 64
const JOIN_MOST = 100

const GET = '/ringside.v1.Cache/Get'
const BATCH_GET = '/ringside.v1.Cache/BatchGet'
const SET = '/ringside.v1.Cache/Set'
const WRITE = '/ringside.v1.Cache/Write'
const INCREMENT = '/ringside.v1.Cache/Increment'
const INVALIDATE = '/ringside.v1.Cache/Invalidate'

export interface RingsideClientOptions {
  /** `host:port` or `unix:/path`; the default is RINGSIDE_SOCKET, then RINGSIDE_ADDR, then `127.0.0.1:7400`. */
  readonly target?: string
  /** Milliseconds after which a call fails with `DEADLINE`, unless it names its own. */
  readonly timeoutMs?: number
  /** Who asks, 1 to 64 printable characters: each caller has its turn at an origin, however much others ask for. */
  readonly caller?: string
  /** As many gets of one turn of the event loop travel as one batch; `Infinity` = never. */
  readonly joinFrom?: number
  /** Largest answer, in bytes; raise it with `limits.value` of the sidecar above 6 MiB. */
  readonly maxMessageBytes?: number
  readonly clock?: Clock
  /** Carries the calls, instead of a connection to `target`. */
  readonly channel?: Channel
}

export interface GetOptions extends CallOptions, Omit<GetRequest, 'keyspace' | 'key'> {}

export interface SetOptions extends CallOptions, Omit<SetRequest, 'keyspace' | 'key' | 'value'> {}

export interface IncrementOptions extends CallOptions, Omit<IncrementRequest, 'keyspace' | 'key' | 'delta'> {}

export interface WriteOptions extends CallOptions, Pick<WriteRequest, 'tenant'> {}

export interface GetOrLoadOptions extends Omit<GetOptions, 'fields'> {
  /** Milliseconds for which a loaded value is kept; the keyspace's ttl if absent. */
  readonly ttlMs?: number | undefined
  /** Load also when the sidecar cannot answer. Off by default: the database stays calm when the cache is gone. */
  readonly loadWhenUnavailable?: boolean
}

/** What an application asks its sidecar for. All calls share one connection, which is made when it is first needed. */
export class RingsideClient {
  readonly locks: LockCalls
  readonly #channel: Channel
  readonly #timeoutMs: number
  readonly #gets: JoinedGets | undefined
  readonly #loading: LoadingReads

  constructor(options: RingsideClientOptions = {}) {
    const { target = defaultTarget(process.env), joinFrom = JOIN_FROM, clock = systemClock } = options
    const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES
    const metadata = metadataOf(options.caller)
    this.#channel = options.channel ?? new WireClient({ target, clock, maxMessageBytes, metadata })
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    const alone = (request: GetRequest) => this.#get(request, { timeoutMs: this.#timeoutMs })
    if (joinFrom < Infinity) {
      const together = (requests: readonly GetRequest[]) => this.batchGet(requests)
      this.#gets = new JoinedGets({ from: joinFrom, most: JOIN_MOST, alone, together })
    }
    this.locks = new LockCalls((...call) => this.#unary(...call), this.#timeoutMs)
    this.#loading = new LoadingReads({
      clock,
      get: (request, timeoutMs) => this.#get(request, { timeoutMs }),
      set: (request, timeoutMs) => this.#set(request, { timeoutMs }),
    })
  }

  /** Plain counters. */
  stats() {
    return { ...(this.#gets?.stats() ?? { batches: 0, joined: 0 }), loading: this.#loading.stats() }
  }

  /**
   * Reads one key. Gets of one turn of the event loop may travel together; each still has its own answer or error. One
   * that names `timeoutMs` or `signal` travels alone.
   */
  async get(keyspace: string, key: string, options?: GetOptions): Promise<GetAnswer> {
    if (options === undefined) {
      const request = { keyspace, key }
      return this.#gets?.get(request) ?? this.#get(request, { timeoutMs: this.#timeoutMs })
    }
    const { timeoutMs, signal, tenant, maxStalenessMs, minVersion, fields } = options
    const request = { keyspace, key, tenant, maxStalenessMs, minVersion, fields }
    checkNumbers({ maxStalenessMs, minVersion })
    if (this.#gets !== undefined && timeoutMs === undefined && signal === undefined) return this.#gets.get(request)
    return this.#get(request, this.#call(options))
  }

  /** Reads many keys; one result for each, in order. One failing key never fails the rest. */
  async batchGet(requests: readonly GetRequest[], options: CallOptions = {}): Promise<BatchGetResult[]> {
    for (const { maxStalenessMs, minVersion } of requests) checkNumbers({ maxStalenessMs, minVersion })
    const message = encodeBatchGetRequest(requests)
    const results = await this.#unary(BATCH_GET, message, this.#call(options), decodeBatchGetResponse)
    if (results.length !== requests.length) {
      throw RingsideCallError.unreadable(new RangeError(`${results.length} results for ${requests.length} requests`))
    }
    return results.map((result) =>
      result.ok ? result : { ok: false, error: RingsideCallError.fromBatch(result.failure) },
    )
  }

  /** Stores a value that the application loaded itself. Fails with `LEASE_LOST` or `VERSION_MISMATCH` where a condition does. */
  async set(keyspace: string, key: string, value: Uint8Array, options: SetOptions = {}): Promise<SetAnswer> {
    const { timeoutMs: _timeout, signal: _signal, ...conditions } = options
    checkNumbers({ ttlMs: options.ttlMs, ifVersion: options.ifVersion })
    return this.#set({ keyspace, key, value, ...conditions }, this.#call(options))
  }

  /**
   * Has the origin changed through the sidecar; `null` deletes. Of a failure `metadata.outcome` tells what is known of the
   * origin: `unchanged`, `unknown`, or `stored`. After `DEADLINE` and `CANCELLED` the write goes on.
   */
  write(keyspace: string, key: string, value: Uint8Array | null, options: WriteOptions = {}): Promise<WriteAnswer> {
    const message = encodeWriteRequest({ keyspace, key, value, tenant: options.tenant })
    return this.#unary(WRITE, message, this.#call(options), decodeWriteResponse)
  }

  /**
   * Adds to a counter; resolves with the sum. A call that failed with `UNAVAILABLE` or `DEADLINE` may have counted: one with
   * a `requestId` may be repeated, and counts once.
   */
  async increment(keyspace: string, key: string, delta: bigint, options: IncrementOptions = {}): Promise<bigint> {
    const { timeoutMs: _timeout, signal: _signal, ...rest } = options
    checkNumbers({ ttlMs: options.ttlMs })
    checkInt64({ delta, initial: options.initial })
    const message = encodeIncrementRequest({ keyspace, key, delta, ...rest })
    return this.#unary(INCREMENT, message, this.#call(options), decodeIncrementResponse)
  }

  /** Makes sure that no later read answers what is cached now. It may be repeated as it is. */
  async invalidate(keyspace: string, key: string, options: InvalidateOptions = {}): Promise<InvalidateAnswer> {
    const answers = await this.batchInvalidate([{ keyspace, key, tenant: options.tenant }], options)
    return answers[0] as InvalidateAnswer
  }

  /** The same for all keys of a keyspace and tenant that carry a tag. */
  async invalidateTag(keyspace: string, tag: string, options: InvalidateOptions = {}): Promise<InvalidateAnswer> {
    const answers = await this.batchInvalidate([{ keyspace, tag, tenant: options.tenant }], options)
    return answers[0] as InvalidateAnswer
  }

  /** Invalidates many keys and tags; one result for each, in order. The call fails if any could not be invalidated. */
  async batchInvalidate(
    targets: readonly InvalidateTarget[],
    options: Omit<InvalidateOptions, 'tenant'> = {},
  ): Promise<InvalidateAnswer[]> {
    checkNumbers({ holdMs: options.holdMs })
    const message = encodeInvalidateRequest(targets, options.holdMs)
    const answers = await this.#unary(INVALIDATE, message, this.#call(options), decodeInvalidateResponse)
    if (answers.length === targets.length) return answers
    throw RingsideCallError.unreadable(new RangeError(`${answers.length} results for ${targets.length} targets`))
  }

  /**
   * The value of a key of a keyspace without origin, loaded by `load` when it is not cached: at most one load of a key is
   * under way in this process, and what it brings is stored only under a lease that still stands. `undefined` when there
   * is no value. Rejects with a `RingsideCallError`, or with what `load` threw. `signal` ends the waiting, not the load.
   */
  async getOrLoad(
    keyspace: string,
    key: string,
    load: Loader,
    options: GetOrLoadOptions = {},
  ): Promise<Buffer | undefined> {
    const { tenant, maxStalenessMs, minVersion, ttlMs, loadWhenUnavailable = false } = options
    checkNumbers({ maxStalenessMs, minVersion, ttlMs })
    const request = { keyspace, key, tenant, maxStalenessMs, minVersion }
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs
    const result = this.#loading.run({ request, timeoutMs, ttlMs, loadWhenUnavailable }, load)
    return options.signal === undefined ? result : untilAborted(result, options.signal)
  }

  /** Ends the connection; calls in flight fail with `CANCELLED`. */
  close(): Promise<void> {
    return this.#channel.close()
  }

  #call({ timeoutMs, signal }: CallOptions): ChannelCall {
    return { timeoutMs: timeoutMs ?? this.#timeoutMs, signal }
  }

  #get(request: GetRequest, call: ChannelCall): Promise<GetAnswer> {
    return this.#unary(GET, encodeGetRequest(request), call, decodeGetResponse)
  }

  #set(request: SetRequest, call: ChannelCall): Promise<SetAnswer> {
    return this.#unary(SET, encodeSetRequest(request), call, decodeSetResponse)
  }

  /** One promise beyond the channel's, and no more: it is the path of every hit. */
  #unary<Answer>(path: string, message: Buffer, call: ChannelCall, decode: (bytes: Buffer) => Answer): Promise<Answer> {
    return this.#channel.unary(path, message, call).then((bytes) => read(bytes, decode), refuse)
  }
}

function refuse(error: unknown): never {
  throw error instanceof WireStatus ? RingsideCallError.fromStatus(error) : error
}

function read<Message>(bytes: Buffer, decode: (bytes: Buffer) => Message): Message {
  try {
    return decode(bytes)
  } catch (error) {
    throw RingsideCallError.unreadable(error)
  }
}
