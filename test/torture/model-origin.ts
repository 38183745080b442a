import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { ProtoGrpcType } from '../../src/gen/origin.ts'
import type { LoadedValue } from '../../src/gen/ringside/v1/LoadedValue.ts'
import type { LoadRequest__Output } from '../../src/gen/ringside/v1/LoadRequest.ts'
import type { LoadResponse } from '../../src/gen/ringside/v1/LoadResponse.ts'
import { encodeValue } from './encoded-value.ts'
import type { SeededChance } from './seeded-chance.ts'

export interface Row {
  /** Counts the commits of this row. */
  readonly state: number
  readonly absent: boolean
}

export const USUALLY_FAILING = 0.005
const USUALLY_SLOW = 0.1

const UNTOUCHED: Row = { state: 0, absent: false }

/**
 * The source of truth, in the memory of the test and served as `ringside.v1.Origin`. A load sees the rows as they were
 * when it arrived, and answers a while later: the race that a slow query runs against a commit and its invalidation.
 */
export class ModelOrigin {
  readonly name = 'origin'
  /** The share of loads that fail. */
  failing = USUALLY_FAILING
  loads = 0
  readonly #rows = new Map<string, Row>()
  readonly #chance: SeededChance
  readonly #slow: number
  readonly #server = new Server()
  #target = ''

  /** `slow`: the share of loads that take up to 400 ms. */
  constructor(chance: SeededChance, slow = USUALLY_SLOW) {
    this.#chance = chance
    this.#slow = slow
  }

  get target(): string {
    return this.#target
  }

  async start(): Promise<void> {
    const definition = loadSync('proto/ringside/v1/origin.proto', { keepCase: true, defaults: true })
    const { service } = (loadPackageDefinition(definition) as unknown as ProtoGrpcType).ringside.v1.Origin
    this.#server.addService(service, {
      Load: (call: ServerUnaryCall<LoadRequest__Output, LoadResponse>, reply: sendUnaryData<LoadResponse>) => {
        this.#load(call.request, reply).catch((error: Error) => reply(error))
      },
    })
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      )
    })
    this.#target = `127.0.0.1:${port}`
  }

  async close(): Promise<void> {
    this.#server.forceShutdown()
  }

  row(keyspace: string, key: string): Row {
    return this.#rows.get(`${keyspace}/${key}`) ?? UNTOUCHED
  }

  /** Committed when it returns. */
  commit(keyspace: string, key: string, absent: boolean): Row {
    const row = { state: this.row(keyspace, key).state + 1, absent }
    this.#rows.set(`${keyspace}/${key}`, row)
    return row
  }

  async #load({ keyspace, keys }: LoadRequest__Output, reply: sendUnaryData<LoadResponse>): Promise<void> {
    this.loads += 1
    const values = keys.map((key): LoadedValue => {
      const { state, absent } = this.row(keyspace, key)
      return { key, found: !absent, value: absent ? Buffer.alloc(0) : encodeValue(keyspace, key, state) }
    })
    await pause(
      systemClock,
      this.#chance.happens(this.#slow) ? this.#chance.between(50, 400) : this.#chance.between(0, 20),
    )
    if (this.#chance.happens(this.failing)) reply({ code: status.UNAVAILABLE, details: 'the model is down' })
    else reply(null, { values })
  }
}
