import { type Metadata, type MethodDefinition, status } from '@grpc/grpc-js'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Stream, StreamSink } from '../http2/stream.ts'
import { framed, MessageFault, MessageReader } from './message-reader.ts'
import { fieldsOf, metadataOf } from './metadata-fields.ts'
import { checkTrailers, type RequestHead } from './request-head.ts'
import { type Status, statusFields } from './status-fields.ts'

export const ANSWER_FIELDS = [
  ':status',
  '200',
  'content-type',
  'application/grpc',
  'grpc-accept-encoding',
  'identity,gzip',
]

/** What a kind of call makes of what comes from its caller. */
export interface RpcEvents {
  message(value: unknown): void
  halfClosed(): void
  /** The caller is gone, or its deadline has passed. */
  cancelled(): void
  drained(): void
}

export interface RpcOptions {
  readonly maxMessageBytes: number
  readonly clock: Clock
  readonly peer: string
}

/** One call as a server sees it: messages in, messages out, and one status. */
export class ServerRpc implements StreamSink {
  readonly head: RequestHead
  readonly peer: string
  readonly startedAt: number
  cancelled = false
  events: RpcEvents | undefined
  readonly #stream: Stream
  readonly #definition: MethodDefinition<unknown, unknown>
  readonly #reader: MessageReader
  readonly #clock: Clock
  readonly #deadline: Timer | undefined
  /** Messages that are being expanded, and what has to wait for them. */
  #expanding: Promise<void> | undefined
  #metadata: Metadata | undefined
  #headersSent = false
  #finished = false

  constructor(stream: Stream, head: RequestHead, definition: MethodDefinition<unknown, unknown>, options: RpcOptions) {
    const { maxMessageBytes, clock, peer } = options
    this.#stream = stream
    this.head = head
    this.peer = peer
    this.#definition = definition
    this.#clock = clock
    this.startedAt = clock.now()
    this.#reader = new MessageReader({ maxBytes: maxMessageBytes, encoding: head.encoding })
    const { timeoutMs } = head
    if (timeoutMs !== undefined && !Number.isNaN(timeoutMs))
      this.#deadline = clock.after(timeoutMs, () => this.#expire())
  }

  get metadata(): Metadata {
    this.#metadata ??= metadataOf(this.head.fields)
    return this.#metadata
  }

  /** When the caller stops waiting, by the wall clock, as in grpc-js. */
  get deadline(): Date | number {
    const { timeoutMs } = this.head
    if (timeoutMs === undefined) return Number.POSITIVE_INFINITY
    return new Date(this.#clock.wall() + timeoutMs - (this.#clock.now() - this.startedAt))
  }

  sendMetadata(metadata?: Metadata): void {
    if (this.#headersSent || this.#finished) return
    this.#headersSent = true
    this.#stream.sendHeaders(metadata === undefined ? ANSWER_FIELDS : [...ANSWER_FIELDS, ...fieldsOf(metadata)])
  }

  /** False when the caller is slower than what is sent to it. */
  send(value: unknown): boolean {
    if (this.#finished) return true
    let bytes: Buffer
    try {
      bytes = framed(this.#definition.responseSerialize(value))
    } catch (error) {
      const details = `Error serializing response: ${error instanceof Error ? error.message : error}`
      this.finish({ code: status.INTERNAL, details })
      return true
    }
    this.sendMetadata()
    return this.#stream.send(bytes)
  }

  finish(ending: Status): void {
    if (this.#finished) return
    this.#finished = true
    this.#deadline?.cancel()
    const fields = statusFields(ending)
    // Without a message before it, the status goes with the headers (gRPC over HTTP/2, Trailers-Only).
    if (this.#headersSent) this.#stream.sendTrailers(fields)
    else this.#stream.sendHeaders([...ANSWER_FIELDS, ...fields], true)
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  headers(fields: readonly string[]): void {
    checkTrailers(this.#stream.id, fields)
  }

  data(bytes: Buffer, start: number, end: number): void {
    if (this.#finished) return
    try {
      for (const message of this.#reader.push(bytes, start, end)) this.#take(message)
    } catch (error) {
      this.#fault(error)
    }
  }

  ended(): void {
    if (this.#expanding === undefined) this.#halfClosed()
    else void this.#expanding.then(() => this.#halfClosed())
  }

  reset(): void {
    this.#deadline?.cancel()
    const isNews = !this.#finished
    this.#finished = true
    if (isNews) this.#cancel()
  }

  drained(): void {
    this.events?.drained()
  }

  #take(message: Buffer | Promise<Buffer>): void {
    if (this.#expanding === undefined && !(message instanceof Promise)) {
      this.#deliver(message)
      return
    }
    const before = this.#expanding ?? Promise.resolve()
    this.#expanding = before.then(async () => this.#deliver(await message)).catch((error) => this.#fault(error))
    if (message instanceof Promise) message.catch(() => undefined)
  }

  #deliver(message: Buffer): void {
    if (this.#finished) return
    let value: unknown
    try {
      value = this.#definition.requestDeserialize(message)
    } catch (error) {
      const details = `Error deserializing request: ${error instanceof Error ? error.message : error}`
      this.finish({ code: status.INTERNAL, details })
      return
    }
    this.events?.message(value)
  }

  #halfClosed(): void {
    if (this.#finished) return
    if (this.#reader.isPartial) {
      this.finish({ code: status.INTERNAL, details: 'a message that was cut off' })
      return
    }
    this.events?.halfClosed()
  }

  #fault(error: unknown): void {
    if (!(error instanceof MessageFault)) throw error
    this.finish(error.status)
    this.#cancel()
  }

  #expire(): void {
    this.finish({ code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' })
    this.#cancel()
  }

  #cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    this.events?.cancelled()
  }
}
