import type { Socket } from 'node:net'
import { HpackEncoder } from '../hpack/hpack-encoder.ts'
import { ConnectionFault, FLOW_CONTROL_ERROR, StreamFault } from './fault.ts'
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  PING,
  putFrameHeader,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.ts'
import { Outbox } from './outbox.ts'
import { DEFAULT_SETTINGS, DEFAULT_WINDOW, MOST_WINDOW, type Settings } from './settings.ts'
import type { Stream } from './stream.ts'

/** What may wait in a socket before streams have to wait instead, and nothing more is read from the peer. */
const MOST_PENDING_BYTES = 1024 * 1024
/** What one stream sends before it is another's turn. */
const TURN_BYTES = 64 * 1024

export interface SenderEvents {
  /** END_STREAM of ours is on its way. */
  ended(stream: Stream): void
  /** The socket has let go of bytes. */
  sent(): void
}

/** The sending half of a connection: flow control (RFC 9113, section 5.2), turns of streams, and frames of control. */
export class Sender {
  readonly outbox: Outbox
  peer: Settings = DEFAULT_SETTINGS
  /** Bytes that the peer allows us on all streams together. */
  window = DEFAULT_WINDOW
  readonly #encoder = new HpackEncoder()
  /** Streams that have something to send and cannot, in the order of their turns. */
  readonly #waiting = new Set<Stream>()
  readonly #onEnded: (stream: Stream) => void
  #flushing = false

  constructor(socket: Socket, { ended, sent }: SenderEvents) {
    this.outbox = new Outbox(socket, sent)
    this.#onEnded = ended
  }

  /** More is waiting in the socket than it is good for. */
  get isFull(): boolean {
    return this.outbox.pending > MOST_PENDING_BYTES
  }

  /** Sends what was appended in this turn, once. */
  flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(() => {
      this.#flushing = false
      this.outbox.flush()
    })
  }

  headers(stream: number, fields: readonly string[], end: boolean): void {
    const { outbox, peer } = this
    const scratch = Buffer.allocUnsafe(this.#encoder.boundOf(fields))
    const size = this.#encoder.encode(fields, scratch, 0)
    for (let from = 0; from === 0 || from < size; ) {
      const bytes = Math.min(size - from, peer.maxFrameBytes)
      const flags = (from + bytes === size ? END_HEADERS : 0) | (from === 0 && end ? END_STREAM : 0)
      outbox.reserve(FRAME_HEADER_BYTES + bytes)
      outbox.at = putFrameHeader(outbox.bytes, outbox.at, bytes, from === 0 ? HEADERS : CONTINUATION, flags, stream)
      outbox.at += scratch.copy(outbox.bytes, outbox.at, from, from + bytes)
      from += bytes
      if (size === 0) break
    }
    this.flushSoon()
  }

  /** Sends what the windows and the socket allow; false when something has to wait. */
  pump(stream: Stream): boolean {
    let turn = TURN_BYTES
    while (stream.queue.length > 0 && turn > 0) {
      const sent = this.#dataFrame(stream)
      if (sent === 0) break
      turn -= sent
    }
    this.flushSoon()
    if (stream.queue.length > 0) {
      this.#waiting.add(stream)
      return false
    }
    this.#waiting.delete(stream)
    if (stream.localEnded) this.#finish(stream)
    return true
  }

  forget(stream: Stream): void {
    this.#waiting.delete(stream)
    stream.queue.length = 0
    stream.queuedBytes = 0
  }

  /** The peer's window for all streams has grown (section 6.9.1). */
  raise(bytes: number): void {
    if (this.window + bytes > MOST_WINDOW) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'a window above 2^31 - 1')
    this.window += bytes
    this.resume()
  }

  raiseOf(stream: Stream, bytes: number): void {
    if (stream.sendWindow + bytes > MOST_WINDOW) {
      throw new StreamFault(stream.id, FLOW_CONTROL_ERROR, 'a window above 2^31 - 1')
    }
    stream.sendWindow += bytes
    if (this.#waiting.has(stream)) this.resume()
  }

  /** Changed settings count for the streams that are open too (section 6.9.2). */
  settle(settings: Settings, streams: Iterable<Stream>): void {
    const more = settings.initialWindow - this.peer.initialWindow
    this.peer = settings
    this.#encoder.limit(settings.headerTableBytes)
    for (const stream of streams) {
      if (stream.sendWindow + more > MOST_WINDOW)
        throw new ConnectionFault(FLOW_CONTROL_ERROR, 'a window above 2^31 - 1')
      stream.sendWindow += more
    }
    this.#control(SETTINGS, ACK, 0, 0)
    if (more > 0) this.resume()
  }

  /** Lets those that wait go on, one turn after the other. */
  resume(): void {
    for (let moved = true; moved && this.#waiting.size > 0; ) {
      moved = false
      for (const stream of [...this.#waiting]) {
        const before = stream.queuedBytes
        this.#waiting.delete(stream)
        if (this.pump(stream)) stream.sink.drained()
        if (stream.queuedBytes < before) moved = true
      }
    }
  }

  settings(payload: Buffer): void {
    this.#control(SETTINGS, 0, 0, payload.length)
    this.outbox.at += payload.copy(this.outbox.bytes, this.outbox.at)
  }

  reset(stream: number, code: number): void {
    this.#control(RST_STREAM, 0, stream, 4)
    this.#word(code)
  }

  ping(payload: Buffer, ack: boolean): void {
    this.#control(PING, ack ? ACK : 0, 0, 8)
    this.outbox.at += payload.copy(this.outbox.bytes, this.outbox.at, 0, 8)
  }

  goAway(last: number, code: number, why: string): void {
    const debug = Buffer.from(why)
    this.#control(GOAWAY, 0, 0, 8 + debug.length)
    this.#word(last)
    this.#word(code)
    this.outbox.at += debug.copy(this.outbox.bytes, this.outbox.at)
  }

  windowUpdate(stream: number, bytes: number): void {
    this.#control(WINDOW_UPDATE, 0, stream, 4)
    this.#word(bytes)
  }

  /** The next piece of the queue as one frame; the bytes sent, 0 when none may be. */
  #dataFrame(stream: Stream): number {
    const { outbox, peer } = this
    const first = stream.queue[0] as Buffer
    const left = first.length - stream.queueAt
    const bytes = Math.min(left, peer.maxFrameBytes, stream.sendWindow, this.window)
    if (bytes <= 0 || this.isFull) return 0
    const isLast = bytes === left && stream.queue.length === 1 && stream.localEnded && stream.trailers === undefined
    outbox.reserve(FRAME_HEADER_BYTES + bytes)
    outbox.at = putFrameHeader(outbox.bytes, outbox.at, bytes, DATA, isLast ? END_STREAM : 0, stream.id)
    outbox.at += first.copy(outbox.bytes, outbox.at, stream.queueAt, stream.queueAt + bytes)
    stream.sendWindow -= bytes
    this.window -= bytes
    stream.queueAt += bytes
    stream.queuedBytes -= bytes
    if (bytes === left) {
      stream.queue.shift()
      stream.queueAt = 0
      if (isLast) stream.endSent = true
    }
    return bytes
  }

  #finish(stream: Stream): void {
    if (stream.endSent && stream.trailers === undefined) {
      this.#onEnded(stream)
      return
    }
    if (stream.endSent) return
    stream.endSent = true
    if (stream.trailers !== undefined) this.headers(stream.id, stream.trailers, true)
    else this.#control(DATA, END_STREAM, stream.id, 0)
    this.#onEnded(stream)
  }

  #control(type: number, flags: number, stream: number, bytes: number): void {
    const { outbox } = this
    outbox.reserve(FRAME_HEADER_BYTES + bytes)
    outbox.at = putFrameHeader(outbox.bytes, outbox.at, bytes, type, flags, stream)
    this.flushSoon()
  }

  #word(value: number): void {
    this.outbox.at = this.outbox.bytes.writeUInt32BE(value >>> 0, this.outbox.at)
  }
}
