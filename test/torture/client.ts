import { type Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { systemClock } from '../../src/base/clock.ts'
import type { BatchGetResponse__Output } from '../../src/gen/ringside/v1/BatchGetResponse.ts'
import type { GetRequest } from '../../src/gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../../src/gen/ringside/v1/GetResponse.ts'
import type { InvalidateResponse__Output } from '../../src/gen/ringside/v1/InvalidateResponse.ts'
import type { InvalidateTarget } from '../../src/gen/ringside/v1/InvalidateTarget.ts'
import type { SetRequest } from '../../src/gen/ringside/v1/SetRequest.ts'
import type { SetResponse__Output } from '../../src/gen/ringside/v1/SetResponse.ts'
import { Cache, call } from '../rpc/client.ts'

const DEADLINE_MS = 1_500

/** grpc waits up to two minutes before it connects anew; a sidecar on localhost is back in seconds. */
const CHANNEL_OPTIONS = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 300 }

/** An app beside one sidecar. Every call ends within its deadline; failures reject with grpc's `ServiceError`. */
export class TorturedClient {
  readonly name: string
  readonly #client: Client

  constructor(sidecar: { readonly name: string; readonly grpc: string }) {
    this.name = sidecar.name
    this.#client = new Cache(sidecar.grpc, credentials.createInsecure(), CHANNEL_OPTIONS)
  }

  get(request: GetRequest): Promise<GetResponse__Output> {
    return this.#call('Get', request)
  }

  batchGet(requests: GetRequest[]): Promise<BatchGetResponse__Output> {
    return this.#call('BatchGet', { requests })
  }

  set(request: SetRequest): Promise<SetResponse__Output> {
    return this.#call('Set', request)
  }

  invalidate(targets: InvalidateTarget[]): Promise<InvalidateResponse__Output> {
    return this.#call('Invalidate', { targets })
  }

  close(): void {
    this.#client.close()
  }

  #call<Response>(method: string, request: object): Promise<Response> {
    return call(this.#client, method, request, { deadline: systemClock.wall() + DEADLINE_MS })
  }
}

export const codeOf = (error: unknown): number => (error as ServiceError).code
