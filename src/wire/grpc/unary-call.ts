import { status } from '@grpc/grpc-js'
import type { Stream } from '../http2/stream.ts'
import type { CallGround } from './client-call.ts'
import { asFailure, type CallOptions, ClientRpc } from './client-rpc.ts'
import { framed, MessageFault } from './message-reader.ts'
import { WireStatus } from './wire-status.ts'

export interface UnaryRequest {
  readonly path: string
  readonly message: Buffer
  readonly options: CallOptions
}

/** One message out, one message in. */
export class UnaryCall extends ClientRpc {
  readonly #message: Buffer
  readonly #resolve: (answer: Buffer | Promise<Buffer>) => void
  readonly #reject: (status: WireStatus) => void
  #answer: Buffer | Promise<Buffer> | undefined

  constructor(
    ground: CallGround,
    { path, message, options }: UnaryRequest,
    resolve: (answer: Buffer | Promise<Buffer>) => void,
    reject: (status: WireStatus) => void,
  ) {
    super(ground, path, options)
    this.#message = message
    this.#resolve = resolve
    this.#reject = reject
  }

  protected send(stream: Stream): void {
    this.#answer = undefined
    stream.send(framed(this.#message), true)
  }

  protected canRepeat(): boolean {
    return true
  }

  protected take(message: Buffer | Promise<Buffer>): void {
    if (this.#answer !== undefined) throw new MessageFault(status.UNIMPLEMENTED, 'two messages in the answer')
    this.#answer = message
  }

  protected over(failure: WireStatus | undefined): void {
    const answer = this.#answer
    if (failure !== undefined) this.#reject(failure)
    else if (answer === undefined) this.#reject(new WireStatus(status.UNIMPLEMENTED, 'no message in the answer'))
    else this.#resolve(answer instanceof Promise ? answer.catch(throwFailure) : answer)
  }
}

function throwFailure(error: unknown): never {
  throw asFailure(error)
}
