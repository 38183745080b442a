import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { RpcServer } from '../support/engines.ts'
import {
  type EchoStatus,
  type ResponseParameters,
  type SimpleRequest,
  type StreamingInputCallRequest,
  type StreamingOutputCallRequest,
  TestService,
} from './testing-proto.ts'

export const ECHO_INITIAL = 'x-grpc-test-echo-initial'
export const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin'

/** No case asks for more, and a peer that asks for everything gets no more memory than this for one message. */
const LARGEST_ANSWER_BYTES = 1024 * 1024

type Failure = { code: status; details: string; metadata?: Metadata }

/** What a call that answers with a stream has, whatever it asks with. */
interface Writing {
  readonly cancelled: boolean
  write(answer: object): boolean
  once(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
}

/** The server of the gRPC interop cases. Its calls are those of grpc-js; which engine runs them is not its concern. */
const implementation = {
  EmptyCall(_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>): void {
    answer(null, {})
  },

  UnaryCall(call: ServerUnaryCall<SimpleRequest, object>, answer: sendUnaryData<object>): void {
    const { response_size: size, response_status: wanted } = call.request
    echoInitial(call)
    const failure = failureOf(wanted) ?? tooLarge(size)
    if (failure !== undefined) answer({ ...failure, metadata: trailerOf(call) })
    else answer(null, zeros(size), trailerOf(call))
  },

  StreamingInputCall(
    call: ServerReadableStream<StreamingInputCallRequest, object>,
    answer: sendUnaryData<object>,
  ): void {
    let sum = 0
    call.on('data', ({ payload }: StreamingInputCallRequest) => {
      sum += payload?.body.length ?? 0
    })
    call.on('end', () => answer(null, { aggregated_payload_size: sum }))
    call.on('error', () => {})
  },

  async StreamingOutputCall(call: ServerWritableStream<StreamingOutputCallRequest, object>): Promise<void> {
    echoInitial(call)
    const failure = failureOf(call.request.response_status) ?? (await writeAll(call, call.request.response_parameters))
    if (failure === undefined) call.end(trailerOf(call))
    else call.emit('error', failure)
  },

  FullDuplexCall(call: ServerDuplexStream<StreamingOutputCallRequest, object>): void {
    echoInitial(call)
    let failed = false
    let answered = Promise.resolve()
    const answer = async ({ response_status, response_parameters }: StreamingOutputCallRequest) => {
      const failure = failed ? undefined : (failureOf(response_status) ?? (await writeAll(call, response_parameters)))
      if (failure === undefined) return
      failed = true
      call.emit('error', { ...failure, metadata: trailerOf(call) })
    }
    call.on('data', (request: StreamingOutputCallRequest) => {
      call.pause()
      answered = answered.then(() => answer(request)).then(() => void call.resume())
    })
    call.on('end', async () => {
      await answered
      if (!failed) call.end(trailerOf(call))
    })
    call.on('error', () => {})
  },
}

export function addTestService(server: RpcServer): void {
  server.addService(TestService.service, implementation)
}

/** Writes one answer for each; resolves once the last is taken, with why it cannot be written if it cannot. */
async function writeAll(call: Writing, answers: readonly ResponseParameters[]): Promise<Failure | undefined> {
  for (const { size, interval_us } of answers) {
    if (interval_us > 0) await pause(systemClock, interval_us / 1_000)
    const failure = tooLarge(size)
    if (failure !== undefined) return failure
    if (call.cancelled) return undefined
    if (!call.write(zeros(size))) await drained(call)
  }
  return undefined
}

/** Resolves when the call takes more, or is over. */
function drained(call: Writing): Promise<void> {
  const events = ['drain', 'cancelled', 'close', 'error'] as const
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) call.removeListener(event, done)
      resolve()
    }
    for (const event of events) call.once(event, done)
    if (call.cancelled) done()
  })
}

function zeros(size: number): object {
  return { payload: { body: Buffer.alloc(size) } }
}

function failureOf(wanted: EchoStatus | null): Failure | undefined {
  return wanted === null || wanted.code === status.OK ? undefined : { code: wanted.code, details: wanted.message }
}

function tooLarge(size: number): Failure | undefined {
  if (size >= 0 && size <= LARGEST_ANSWER_BYTES) return undefined
  return { code: status.INVALID_ARGUMENT, details: `size ${size}` }
}

function echoInitial(call: { readonly metadata: Metadata; sendMetadata(metadata: Metadata): void }): void {
  const echoed = copied(call.metadata, ECHO_INITIAL)
  if (echoed.get(ECHO_INITIAL).length > 0) call.sendMetadata(echoed)
}

function trailerOf(call: { readonly metadata: Metadata }): Metadata {
  return copied(call.metadata, ECHO_TRAILING)
}

function copied(from: Metadata, key: string): Metadata {
  const to = new Metadata()
  for (const value of from.get(key)) to.add(key, value)
  return to
}
