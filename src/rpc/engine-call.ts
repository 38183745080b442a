import { Metadata, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import type { Clock } from '../base/clock.ts'
import type { Failure, OpenCall } from './call.ts'
import { callerOf } from './caller.ts'

/** A call of an engine, which answers `DEADLINE_EXCEEDED` by itself when the deadline passes. */
export class EngineCall<Response> implements OpenCall<Response> {
  readonly deadlineAt: number
  readonly #call: ServerUnaryCall<unknown, Response>
  readonly #reply: sendUnaryData<Response>

  constructor(call: ServerUnaryCall<unknown, Response>, reply: sendUnaryData<Response>, clock: Clock) {
    this.#call = call
    this.#reply = reply
    const deadline = call.getDeadline()
    // The library keeps deadlines in Unix milliseconds of this machine: only what is left of them is taken over.
    this.deadlineAt = deadline === Infinity ? Infinity : clock.now() + (Number(deadline) - clock.wall())
  }

  get caller(): string {
    return callerOf(this.#call.metadata)
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

/** A failure as the engines send it. */
export function statusOf({ code, message, details }: Failure) {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', details)
  return { code, details: message, metadata }
}
