import {
  type CallOptions,
  type ChannelOptions,
  type Client,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoPath } from 'grpc-health-check'
import type { ProtoGrpcType as AdminType } from '../../src/gen/admin.ts'
import type { ProtoGrpcType as CacheType } from '../../src/gen/cache.ts'
import type { ProtoGrpcType as LockType } from '../../src/gen/lock.ts'
import type { BatchGetRequest } from '../../src/gen/ringside/v1/BatchGetRequest.ts'
import type { BatchGetResponse__Output } from '../../src/gen/ringside/v1/BatchGetResponse.ts'
import type { GetRequest } from '../../src/gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../../src/gen/ringside/v1/GetResponse.ts'
import type { InvalidateRequest } from '../../src/gen/ringside/v1/InvalidateRequest.ts'
import type { InvalidateResponse__Output } from '../../src/gen/ringside/v1/InvalidateResponse.ts'
import type { SetRequest } from '../../src/gen/ringside/v1/SetRequest.ts'
import type { SetResponse__Output } from '../../src/gen/ringside/v1/SetResponse.ts'
import { messageDefinition, ringsideProto } from '../../src/rpc/ringside-proto.ts'

const loaded = loadPackageDefinition(ringsideProto) as unknown as CacheType & LockType & AdminType
export const { Cache, Lock, Admin } = loaded.ringside.v1

const health = loadPackageDefinition(loadSync(protoPath, { enums: String, defaults: true })) as unknown as {
  grpc: { health: { v1: { Health: new (...args: ConstructorParameters<typeof Client>) => Client & GrpcObject } } }
}
export const { Health } = health.grpc.health.v1

/** Any unary call by its name, as a promise. */
export function call<Response>(client: Client, method: string, request: object, options: CallOptions = {}) {
  const run = (client as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!
  return new Promise<Response>((resolve, reject) => {
    run.call(client, request, options, (error: ServiceError | null, response: Response) =>
      error === null ? resolve(response) : reject(error),
    )
  })
}

/** A client of `ringside.v1.Cache` in promises. */
export class CacheClient {
  readonly client: InstanceType<typeof Cache>

  constructor(target: string, options: ChannelOptions = {}) {
    this.client = new Cache(target, credentials.createInsecure(), options)
  }

  get(request: GetRequest, options?: CallOptions): Promise<GetResponse__Output> {
    return call(this.client, 'Get', request, options)
  }

  batchGet(request: BatchGetRequest): Promise<BatchGetResponse__Output> {
    return call(this.client, 'BatchGet', request)
  }

  set(request: SetRequest): Promise<SetResponse__Output> {
    return call(this.client, 'Set', request)
  }

  invalidate(request: InvalidateRequest): Promise<InvalidateResponse__Output> {
    return call(this.client, 'Invalidate', request)
  }

  close(): void {
    this.client.close()
  }
}

/** What a failed call carried: its code, its message, and its details by the short names of their types. */
export interface Failed {
  readonly code: number
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The failure of a call that has to fail. */
export async function failure(pending: Promise<unknown>): Promise<Failed> {
  const error = await pending.then(
    (response) => {
      throw new Error(`the call was answered: ${JSON.stringify(response)}`)
    },
    (reason: ServiceError) => reason,
  )
  const [encoded] = error.metadata.get('grpc-status-details-bin')
  return { code: error.code, message: error.details, details: decodeDetails(encoded as Buffer | undefined) }
}

function decodeDetails(encoded: Buffer | undefined): Record<string, unknown> {
  if (encoded === undefined) return {}
  const status = messageDefinition('google.rpc.Status').deserialize(encoded) as {
    details: { type_url: string; value: Buffer }[]
  }
  const named = status.details.map(({ type_url: url, value }) => {
    const name = url.slice('type.googleapis.com/google.rpc.'.length)
    return [name, messageDefinition(`google.rpc.${name}`).deserialize(value)]
  })
  return Object.fromEntries(named)
}
