import { type Metadata, status } from '@grpc/grpc-js'
import type { Connection } from '../http2/connection.ts'
import { CANCEL, NO_ERROR, REFUSED_STREAM } from '../http2/fault.ts'
import type { Stream } from '../http2/stream.ts'
import { codeOfReset } from './answer-fields.ts'
import type { CallGround, ClientCall } from './client-call.ts'
import { MessageFault, MessageReader, PREFIX_BYTES } from './message-reader.ts'
import { WireStatus } from './wire-status.ts'

export interface CallOptions {
  /** Milliseconds from now after which the call fails with `DEADLINE_EXCEEDED`; `undefined` = never. */
  readonly timeoutMs?: number | undefined
  readonly metadata?: Metadata | undefined
  /** Ends the call with `CANCELLED` when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Wait for a connection, instead of failing with `UNAVAILABLE` while there is none to be had. */
  readonly waitForReady?: boolean | undefined
}

/** What all kinds of calls have in common: headers out, headers and messages in, and one status at the end. */
export abstract class ClientRpc implements ClientCall {
  readonly expiresAt: number
  protected readonly ground: CallGround
  readonly #path: string
  readonly #options: CallOptions
  readonly #madeAt: number
  readonly #abort: (() => void) | undefined
  #connection: Connection | undefined
  #stream: Stream | undefined
  #encoding: string | undefined
  #reader: MessageReader | undefined
  #trailers: readonly string[] | undefined
  #isRepeated = false
  #isOver = false

  constructor(ground: CallGround, path: string, options: CallOptions) {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options
    this.ground = ground
    this.#path = path
    this.#options = options
    this.#madeAt = ground.clock.now()
    this.expiresAt = this.#madeAt + timeoutMs
    if (signal === undefined) return
    this.#abort = () => this.fail(new WireStatus(status.CANCELLED, 'cancelled by the caller'))
    signal.addEventListener('abort', this.#abort, { once: true })
  }

  get waitForReady(): boolean {
    return this.#options.waitForReady ?? false
  }

  begin(connection: Connection): void {
    const stream = connection.open()
    this.#connection = connection
    this.#stream = stream
    stream.sink = this
    stream.sendHeaders(this.ground.fields.of(this.#path, this.#timeLeft(), this.#options.metadata))
    this.send(stream)
  }

  fail(ending: WireStatus): void {
    if (this.#isOver) return
    this.#end()
    this.#stream?.cancel(CANCEL)
    this.over(ending)
  }

  headers(fields: readonly string[], end: boolean): void {
    if (end) {
      this.#trailers = fields
      return
    }
    const head = this.ground.heads.of(fields)
    if (head.isInterim) return
    if (this.#encoding !== undefined) this.#refuse(status.INTERNAL, 'a second block of headers')
    else if (head.fault !== undefined) this.fail(new WireStatus(head.fault.code, head.fault.message, fields))
    else this.#encoding = head.encoding
  }

  data(bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return
    if (this.#encoding === undefined) {
      this.#refuse(status.INTERNAL, 'a message before the headers')
      return
    }
    try {
      if (!this.#takeWhole(bytes, start, end)) this.#read(bytes, start, end, this.#encoding)
    } catch (error) {
      this.fail(asFailure(error))
    }
  }

  ended(): void {
    if (this.#isOver) return
    if (this.#trailers !== undefined) {
      const failure = this.ground.statuses.of(this.#trailers)
      if (failure === undefined && this.#reader?.isPartial) this.#refuse(status.INTERNAL, 'a message that was cut off')
      // One object may stand for many answers, and each error has a stack of its own.
      else this.#finish(failure && new WireStatus(failure.code, failure.message, this.#trailers))
    } else this.#finish(new WireStatus(status.UNKNOWN, 'the answer ended without a status'))
  }

  reset(code: number, why: string): void {
    if (this.#isOver) return
    const isLost = this.#connection?.isClosed === true
    if (code === REFUSED_STREAM && !isLost && !this.#isRepeated && this.canRepeat()) {
      this.#repeat()
      return
    }
    this.#end()
    this.over(new WireStatus(isLost ? status.UNAVAILABLE : codeOfReset(code), why))
  }

  drained(): void {}

  /** Sends what there is to send; the headers have gone before. */
  protected abstract send(stream: Stream): void

  /** What was sent can be sent again. */
  protected abstract canRepeat(): boolean

  /** The next message, or the promise of it, which must be awaited or caught. May throw `MessageFault`. */
  protected abstract take(message: Buffer | Promise<Buffer>): void

  /** The call has ended, with `OK` when there is no failure. Once. */
  protected abstract over(failure: WireStatus | undefined): void

  /** A whole message that is not compressed, as nearly all are, is copied once. */
  #takeWhole(bytes: Buffer, start: number, end: number): boolean {
    const from = start + PREFIX_BYTES
    if (this.#reader !== undefined || from > end || bytes[start] !== 0) return false
    const size = end - from
    if (size > this.ground.maxMessageBytes || bytes.readUInt32BE(start + 1) !== size) return false
    const message = Buffer.allocUnsafe(size)
    bytes.copy(message, 0, from, end)
    this.take(message)
    return true
  }

  #read(bytes: Buffer, start: number, end: number, encoding: string): void {
    this.#reader ??= new MessageReader({ maxBytes: this.ground.maxMessageBytes, encoding })
    for (const message of this.#reader.push(bytes, start, end)) {
      // It may be refused before anybody waits for it.
      if (message instanceof Promise) message.catch(() => undefined)
      this.take(message)
    }
  }

  /** What is left of the timeout; of what has not waited it is all, so that equal calls have equal headers. */
  #timeLeft(): number | undefined {
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.#options
    if (timeoutMs === Number.POSITIVE_INFINITY) return undefined
    const waited = this.ground.clock.now() - this.#madeAt
    return waited < 1 ? timeoutMs : Math.max(0, timeoutMs - waited)
  }

  #repeat(): void {
    this.#isRepeated = true
    this.#stream = undefined
    this.#encoding = undefined
    this.#reader = undefined
    this.ground.repeat(this)
  }

  #refuse(code: number, what: string): void {
    this.fail(new WireStatus(code, `the server sent ${what}`))
  }

  /** The server has said everything; what we still have to say is not wanted. */
  #finish(failure: WireStatus | undefined): void {
    this.#end()
    if (this.#stream?.endSent === false) this.#stream.cancel(NO_ERROR)
    this.over(failure)
  }

  #end(): void {
    this.#isOver = true
    if (this.#abort !== undefined) this.#options.signal?.removeEventListener('abort', this.#abort)
    this.ground.over(this)
  }
}

/** What a message that cannot be taken ends the call with. */
export function asFailure(error: unknown): WireStatus {
  if (!(error instanceof MessageFault)) throw error
  return new WireStatus(error.status.code, error.status.details)
}
