import { fileURLToPath } from 'node:url'
import { type ClientUnaryCall, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { ProtoGrpcType } from '../gen/origin.ts'
import type { LoadedValue__Output } from '../gen/ringside/v1/LoadedValue.ts'
import type { LoadResponse__Output } from '../gen/ringside/v1/LoadResponse.ts'
import type { OriginClient } from '../gen/ringside/v1/Origin.ts'
import type { StoreResponse__Output } from '../gen/ringside/v1/StoreResponse.ts'
import { storeFailure, storeRequest } from './grpc-stores.ts'
import type { LoadContext, LoadedValues, LoadScope, OriginAdapter, OriginChange } from './origin.ts'
import { connectionLost, originUnavailable, UnanswerableKeys, withOutcome } from './origin-error.ts'
import { type TaggedValue, withTags } from './tagged-value.ts'

/** Beside `src/` and beside `dist/` alike. */
const PROTO_DIRECTORY = fileURLToPath(new URL('../../proto/', import.meta.url))

const CHANNEL_OPTIONS = {
  // A batch of values is larger than grpc's default of 4 MiB for one message.
  'grpc.max_receive_message_length': 256 * 1024 * 1024,
  // grpc waits up to two minutes between attempts to connect; an app that restarts is back in seconds.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
}

/** What grpc-js says of a connection that was lost under a call; that none can be made has the same code. */
const DROPPED = 'Connection dropped'

export interface GrpcOriginOptions {
  readonly name: string
  /** `host:port` or `unix:path`; plain text, since the app is expected in the same pod. */
  readonly target: string
}

/** An origin that the app itself implements: service `ringside.v1.Origin`. */
export class GrpcOrigin implements OriginAdapter {
  readonly type = 'grpc'
  readonly #name: string
  readonly #clock: Clock
  readonly #client: OriginClient
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false

  constructor(options: GrpcOriginOptions, parts: { readonly clock: Clock }) {
    this.#name = options.name
    this.#clock = parts.clock
    const definition = loadSync('ringside/v1/origin.proto', {
      includeDirs: [PROTO_DIRECTORY],
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: true,
    })
    const { Origin } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).ringside.v1
    this.#client = new Origin(options.target, credentials.createInsecure(), CHANNEL_OPTIONS)
  }

  /** Connects at the first load. */
  async start(): Promise<void> {}

  /** Calls under way are finished first. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    this.#client.close()
  }

  async load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    if (this.#closed) throw originUnavailable(this.#name, 'is closed')
    const request = { keyspace: scope.keyspace, tenant: scope.tenant, keys: [...keys] }
    const response = await this.#call<LoadResponse__Output>(context, (deadline, done) =>
      this.#client.load(request, { deadline }, done),
    ).catch((error: unknown) => {
      throw error instanceof RingsideError ? error : this.#translate(error as ServiceError)
    })
    return this.#read(keys, response?.values ?? [])
  }

  async store(scope: LoadScope, changes: readonly OriginChange[], context: LoadContext): Promise<void> {
    if (this.#closed) throw withOutcome(originUnavailable(this.#name, 'is closed'), 'unchanged')
    const request = storeRequest(scope, changes)
    await this.#call<StoreResponse__Output>(context, (deadline, done) =>
      this.#client.store(request, { deadline }, done),
    ).catch((error: unknown) => {
      // Ours is that the call never left.
      throw error instanceof RingsideError
        ? withOutcome(error, 'unchanged')
        : storeFailure(this.#name, error as ServiceError)
    })
  }

  /** Settles as the call does; rejects with ours where it was never made. */
  async #call<Response>(
    { signal, deadlineAt }: LoadContext,
    send: (deadline: Date, done: (error: ServiceError | null, response?: Response) => void) => ClientUnaryCall,
  ): Promise<Response | undefined> {
    if (signal.aborted) throw originUnavailable(this.#name, 'was no longer waited for')
    const deadline = new Date(this.#clock.wall() + deadlineAt - this.#clock.now())
    const answer = new Promise<Response | undefined>((resolve, reject) => {
      const call = send(deadline, (error, response) => {
        signal.removeEventListener('abort', cancel)
        if (error !== null) reject(error)
        else resolve(response)
      })
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
    })
    this.#underWay.add(answer)
    try {
      return await answer
    } finally {
      this.#underWay.delete(answer)
    }
  }

  /** Each key must be named: what an answer omits has not been looked up, which is not the same as "not found". */
  #read(keys: readonly string[], answers: readonly LoadedValue__Output[]): LoadedValues {
    const values = new Map<string, Buffer | TaggedValue | RingsideError>()
    const named = new Set<string>()
    for (const { key, found, value, tags } of answers) {
      if (named.has(key)) values.set(key, originUnavailable(this.#name, 'answered twice for one key'))
      else if (found) values.set(key, withTags(this.#name, value, tags))
      named.add(key)
    }
    for (const key of keys) {
      if (named.has(key)) continue
      values.set(key, originUnavailable(this.#name, 'left a key out of its answer; it must name each, found or not'))
    }
    return values
  }

  #translate(error: ServiceError): RingsideError {
    if (error.code === status.UNAVAILABLE && error.details === DROPPED) {
      return connectionLost(this.#name, 'broke off before it had answered', error)
    }
    if (error.code !== status.INVALID_ARGUMENT) {
      return originUnavailable(this.#name, `failed (${status[error.code]})`, error)
    }
    return new UnanswerableKeys('KEY_INVALID', `key: origin ${this.#name} does not accept it (INVALID_ARGUMENT)`, {
      cause: error,
    })
  }
}
