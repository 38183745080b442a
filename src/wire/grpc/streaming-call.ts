import { status } from '@grpc/grpc-js'
import type { Stream } from '../http2/stream.ts'
import type { CallGround } from './client-call.ts'
import { asFailure, type CallOptions, ClientRpc } from './client-rpc.ts'
import { framed } from './message-reader.ts'
import { WireStatus } from './wire-status.ts'

/** Messages of an answer that may wait for their reader before the server has to. */
const MOST_WAITING = 16

const NOTHING = Buffer.alloc(0)

export interface StreamingRequest {
  readonly path: string
  readonly messages: Iterable<Buffer> | AsyncIterable<Buffer>
  readonly options: CallOptions
}

type Ending = { readonly failure: WireStatus | undefined }

/**
 * Any number of messages out and in, both at the pace of the slower side. Who stops reading cancels the call. It is not
 * repeated once it has begun, since its messages can be had only once.
 */
export class StreamingCall extends ClientRpc implements AsyncIterableIterator<Buffer> {
  readonly #messages: Iterable<Buffer> | AsyncIterable<Buffer>
  readonly #arrived: (Buffer | Promise<Buffer>)[] = []
  #stream: Stream | undefined
  #ending: Ending | undefined
  /** Of the reader, who waits for a message or the end. */
  #wake: (() => void) | undefined
  /** Of the sender, who waits for room. */
  #proceed: (() => void) | undefined

  constructor(ground: CallGround, { path, messages, options }: StreamingRequest) {
    super(ground, path, options)
    this.#messages = messages
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    while (this.#arrived.length === 0 && this.#ending === undefined) {
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
    const message = this.#arrived.shift()
    if (message === undefined) return this.#end()
    if (this.#arrived.length === 0) this.#stream?.resume()
    try {
      return { done: false, value: await message }
    } catch (error) {
      const failure = asFailure(error)
      this.fail(failure)
      this.#arrived.length = 0
      this.#ending = { failure: undefined }
      throw failure
    }
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#arrived.length = 0
    this.fail(new WireStatus(status.CANCELLED, 'the reader has stopped'))
    return { done: true, value: undefined }
  }

  override drained(): void {
    this.#proceed?.()
  }

  protected send(stream: Stream): void {
    this.#stream = stream
    void this.#sendAll(stream)
  }

  protected canRepeat(): boolean {
    return false
  }

  protected take(message: Buffer | Promise<Buffer>): void {
    this.#arrived.push(message)
    if (this.#arrived.length >= MOST_WAITING) this.#stream?.pause()
    this.#wake?.()
  }

  /** What has arrived is still to be read, and then the end is told. */
  protected over(failure: WireStatus | undefined): void {
    this.#ending = { failure }
    this.#wake?.()
    this.#proceed?.()
  }

  /** A failure is thrown once; after it there is nothing more, as with every iterator. */
  #end(): IteratorResult<Buffer, undefined> {
    const failure = this.#ending?.failure
    this.#ending = { failure: undefined }
    if (failure !== undefined) throw failure
    return { done: true, value: undefined }
  }

  async #sendAll(stream: Stream): Promise<void> {
    try {
      for await (const message of this.#messages) {
        if (this.#ending !== undefined) return
        if (!stream.send(framed(message))) await this.#room(stream)
      }
      if (this.#ending === undefined) stream.send(NOTHING, true)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.fail(new WireStatus(status.CANCELLED, `no further message to send: ${why}`))
    }
  }

  async #room(stream: Stream): Promise<void> {
    while (stream.queuedBytes > 0 && this.#ending === undefined) {
      await new Promise<void>((proceed) => {
        this.#proceed = proceed
      })
    }
  }
}
