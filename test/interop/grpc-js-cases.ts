import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import {
  type CallOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import type { CaseName } from './cases.ts'
import { ECHO_INITIAL, ECHO_TRAILING } from './test-service.ts'
import { type Payload, TestService, UnimplementedService } from './testing-proto.ts'

const LARGE_REQUEST_BYTES = 271_828
const LARGE_ANSWER_BYTES = 314_159
const REQUEST_BYTES = [27_182, 8, 1_828, 45_904]
const ANSWER_BYTES = [31_415, 9, 2_653, 58_979]
const STATUS = { code: status.UNKNOWN, message: 'test status message' }
const SPECIAL_STATUS = {
  code: status.UNKNOWN,
  message: '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n',
}
const DEADLINE_MS = 30_000

type Duplex = ClientDuplexStream<object, { payload: Payload | null }>
type Client = InstanceType<typeof TestService>

interface Answered<Response> {
  readonly response: Response
  readonly initial: Metadata
  readonly status: StatusObject
}

/** The client of grpc-js, that runs one case at a time and rejects where the answer is not the case's. */
export class GrpcJsCases {
  readonly #client: Client
  readonly #stranger: Client
  readonly #compressing: Client

  constructor(target: string) {
    const plain = credentials.createInsecure()
    this.#client = new TestService(target, plain)
    this.#stranger = new UnimplementedService(target, plain)
    this.#compressing = new TestService(target, plain, {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    })
  }

  run(name: CaseName): Promise<void> {
    return this.#cases[name]()
  }

  close(): void {
    for (const client of [this.#client, this.#stranger, this.#compressing]) client.close()
  }

  readonly #cases: Readonly<Record<CaseName, () => Promise<void>>> = {
    empty_unary: async () => {
      deepEqual((await unary(this.#client, 'EmptyCall', {})).response, {})
    },

    large_unary: () => large(this.#client),

    client_compressed_unary: async () => {
      await large(this.#compressing, { expect_compressed: { value: true } })
      await large(this.#client, { expect_compressed: { value: false } })
    },

    server_compressed_unary: async () => {
      await large(this.#client, { response_compressed: { value: true } })
      await large(this.#client, { response_compressed: { value: false } })
    },

    client_streaming: async () => {
      const answer = await new Promise((resolve, reject) => {
        const call = this.#client.StreamingInputCall!(soon(), (error: ServiceError | null, response: object) =>
          error === null ? resolve(response) : reject(error),
        )
        for (const size of REQUEST_BYTES) call.write(payload(size))
        call.end()
      })
      deepEqual(answer, { aggregated_payload_size: 74_922 })
    },

    server_streaming: async () => {
      const call = this.#client.StreamingOutputCall!({ response_parameters: ANSWER_BYTES.map(sized) }, soon())
      deepEqual(await sizes(call), ANSWER_BYTES)
    },

    ping_pong: async () => {
      const call: Duplex = this.#client.FullDuplexCall!(soon())
      const end = ended(call)
      for (const [turn, size] of ANSWER_BYTES.entries()) {
        call.write({ response_parameters: [sized(size)], ...payload(REQUEST_BYTES[turn] ?? 0) })
        equal((await next(call)).length, size)
      }
      call.end()
      deepEqual(await sizes(call), [])
      equal((await end).code, status.OK)
    },

    empty_stream: async () => {
      const call: Duplex = this.#client.FullDuplexCall!(soon())
      call.end()
      deepEqual(await sizes(call), [])
    },

    custom_metadata: async () => {
      const metadata = new Metadata()
      metadata.set(ECHO_INITIAL, 'test_initial_metadata_value')
      metadata.set(ECHO_TRAILING, Buffer.from('ababab', 'hex'))
      const answer = await unary(this.#client, 'UnaryCall', { response_size: 1, ...payload(1) }, metadata)
      echoes(answer.initial, answer.status.metadata)

      const call: Duplex = this.#client.FullDuplexCall!(metadata, soon())
      const initial = once(call, 'metadata') as Promise<[Metadata]>
      const end = ended(call)
      call.write({ response_parameters: [sized(1)], ...payload(1) })
      equal((await next(call)).length, 1)
      call.end()
      call.resume()
      echoes((await initial)[0], (await end).metadata)
    },

    status_code_and_message: async () => {
      deepEqual(await failure(unary(this.#client, 'UnaryCall', { response_status: STATUS })), STATUS)
      const call: Duplex = this.#client.FullDuplexCall!(soon())
      call.end({ response_status: STATUS })
      deepEqual(await failure(sizes(call)), STATUS)
    },

    special_status_message: async () => {
      deepEqual(await failure(unary(this.#client, 'UnaryCall', { response_status: SPECIAL_STATUS })), SPECIAL_STATUS)
    },

    unimplemented_method: async () => {
      equal((await failure(unary(this.#client, 'UnimplementedCall', {}))).code, status.UNIMPLEMENTED)
    },

    unimplemented_service: async () => {
      equal((await failure(unary(this.#stranger, 'UnimplementedCall', {}))).code, status.UNIMPLEMENTED)
    },

    cancel_after_begin: async () => {
      const cancelled = new Promise((_, reject) => {
        const call = this.#client.StreamingInputCall!(soon(), reject)
        call.cancel()
      })
      equal((await failure(cancelled)).code, status.CANCELLED)
    },

    cancel_after_first_response: async () => {
      const call: Duplex = this.#client.FullDuplexCall!(soon())
      call.write({ response_parameters: [sized(31_415)], ...payload(27_182) })
      equal((await next(call)).length, 31_415)
      call.cancel()
      equal((await failure(sizes(call))).code, status.CANCELLED)
    },

    timeout_on_sleeping_server: async () => {
      const call: Duplex = this.#client.FullDuplexCall!({ deadline: Date.now() + 1 })
      call.write(payload(27_182))
      equal((await failure(sizes(call))).code, status.DEADLINE_EXCEEDED)
    },
  }
}

function soon(): CallOptions {
  return { deadline: Date.now() + DEADLINE_MS }
}

function payload(size: number): object {
  return { payload: { body: Buffer.alloc(size) } }
}

function sized(size: number): object {
  return { size }
}

async function large(client: Client, more: object = {}): Promise<void> {
  const request = { response_size: LARGE_ANSWER_BYTES, ...payload(LARGE_REQUEST_BYTES), ...more }
  const { response } = await unary<{ payload: Payload }>(client, 'UnaryCall', request)
  equal(Buffer.alloc(LARGE_ANSWER_BYTES).equals(response.payload.body), true)
}

function unary<Response>(
  client: Client,
  method: string,
  request: object,
  metadata = new Metadata(),
): Promise<Answered<Response>> {
  return new Promise((resolve, reject) => {
    let initial = new Metadata()
    let response: Response
    const call = client[method]!(request, metadata, soon(), (error: ServiceError | null, answer: Response) => {
      if (error !== null) reject(error)
      response = answer
    })
    call.on('metadata', (found: Metadata) => {
      initial = found
    })
    call.on('status', (found: StatusObject) => resolve({ response, initial, status: found }))
  })
}

/** The sizes of all answers to come. */
async function sizes(call: ClientReadableStream<{ payload: Payload | null }> | Duplex): Promise<number[]> {
  const found: number[] = []
  for await (const { payload } of call) found.push(payload?.body.length ?? 0)
  return found
}

/** The body of the next answer; the call stays open. */
function next(call: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    call.once('error', reject)
    call.once('data', ({ payload }: { payload: Payload | null }) => {
      call.pause()
      call.removeListener('error', reject)
      resolve(payload?.body ?? Buffer.alloc(0))
    })
    call.resume()
  })
}

function ended(call: Duplex): Promise<StatusObject> {
  return new Promise((resolve) => call.once('status', resolve))
}

async function failure(call: Promise<unknown>): Promise<{ code: status; message: string }> {
  const error = await call.then(
    () => {
      throw new Error('the call succeeded')
    },
    (thrown: ServiceError) => thrown,
  )
  return { code: error.code, message: error.details }
}

function echoes(initial: Metadata, trailing: Metadata): void {
  deepEqual(initial.get(ECHO_INITIAL), ['test_initial_metadata_value'])
  deepEqual(trailing.get(ECHO_TRAILING), [Buffer.from('ababab', 'hex')])
}
