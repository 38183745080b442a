import { Metadata, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js'
import type { Clock } from '../base/clock.ts'
import { bearerTokenOf } from './bearer-token.ts'
import type { Failure, OpenCall } from './call.ts'
import { callerOf } from './caller.ts'
import type { SocketCalls } from './socket-calls.ts'

export interface EngineCallParts {
  readonly clock: Clock
  readonly socketCalls: SocketCalls
}

type CarriedCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>

/** A call of an engine, which answers `DEADLINE_EXCEEDED` by itself when the deadline passes. */
export class EngineCall<Response> implements OpenCall<Response> {
  readonly deadlineAt: number
  readonly send: ((message: object) => void) | undefined
  readonly #call: CarriedCall
  readonly #reply: sendUnaryData<Response>
  readonly #socketCalls: SocketCalls

  constructor(
    call: CarriedCall,
    reply: sendUnaryData<Response>,
    { clock, socketCalls }: EngineCallParts,
    send?: (message: object) => void,
  ) {
    this.#call = call
    this.send = send
    this.#reply = reply
    this.#socketCalls = socketCalls
    const deadline = call.getDeadline()
    // The library keeps deadlines in Unix milliseconds of this machine: only what is left of them is taken over.
    this.deadlineAt = deadline === Infinity ? Infinity : clock.now() + (Number(deadline) - clock.wall())
  }

  get caller(): string {
    return callerOf(this.#call.metadata)
  }

  get isLocal(): boolean {
    return this.#socketCalls.has(this.#call)
  }

  get token(): string {
    return bearerTokenOf(this.#call.metadata)
  }

  onGone(listener: () => void): void {
    if (this.#call.cancelled) listener()
    else this.#call.once('cancelled', listener)
  }

  answer(response: Response): void {
    this.#reply(null, response)
  }

  refuse(failure: Failure): void {
    this.#reply(statusOf(failure))
  }
}

/** The same of a stream to the caller: its last message is the answer. */
export function streamCall<Response>(
  call: ServerWritableStream<unknown, unknown>,
  parts: EngineCallParts,
): EngineCall<Response> {
  const reply: sendUnaryData<Response> = (failure, answer) => {
    if (failure !== null) return void call.emit('error', failure)
    call.write(answer)
    call.end()
  }
  return new EngineCall(call, reply, parts, (message) => void call.write(message))
}

/** A failure as the engines send it. */
export function statusOf({ code, message, details }: Failure) {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', details)
  return { code, details: message, metadata }
}
