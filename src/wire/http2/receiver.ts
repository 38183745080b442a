import type { Connection } from './connection.ts'
import { ConnectionFault, FRAME_SIZE_ERROR, PROTOCOL_ERROR, STREAM_CLOSED, StreamFault } from './fault.ts'
import {
  ACK,
  CONTINUATION,
  DATA,
  END_STREAM,
  GOAWAY,
  HEADERS,
  PADDED,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.ts'
import type { FrameHead, FrameSink } from './frame-reader.ts'
import { type HeaderBlocks, unpadded } from './header-blocks.ts'
import { Openings } from './openings.ts'
import type { Patience } from './patience.ts'
import { checkDependency, PRIORITY_BYTES } from './priority.ts'
import { settingsFrom } from './settings.ts'
import { checkLength } from './stream.ts'

/** A window that grows by less than this many bytes at a time is worth no frame. */
const LITTLE_BYTES = 64

/** What each frame that arrives means (RFC 9113, section 6). */
export class Receiver implements FrameSink {
  readonly #connection: Connection
  readonly #blocks: HeaderBlocks
  readonly #patience: Patience
  readonly #openings: Openings
  #settled = false

  constructor(connection: Connection, blocks: HeaderBlocks, patience: Patience) {
    this.#connection = connection
    this.#blocks = blocks
    this.#patience = patience
    this.#openings = new Openings(connection, blocks, patience)
  }

  frame(head: FrameHead, bytes: Buffer, start: number, end: number): void {
    const { type, flags, stream } = head
    if (!this.#settled) this.#begin(type, flags)
    const { open } = this.#blocks
    if (open !== undefined && (type !== CONTINUATION || stream !== open.stream)) {
      throw new ConnectionFault(PROTOCOL_ERROR, 'a frame inside of a header block')
    }
    try {
      this.#meaning(head, bytes, start, end)
    } catch (error) {
      this.#endFaulty(error)
    }
  }

  /** What comes of further frames would have no room (section 10.5: work that a peer can make without reading). */
  get isFull(): boolean {
    return this.#connection.sender.isFull
  }

  /** All that has arrived has been read. */
  pause(): void {
    for (let id = this.#openings.firstHeld; id !== undefined; id = this.#openings.firstHeld) {
      try {
        this.#openings.release(id)
      } catch (error) {
        this.#endFaulty(error)
      }
    }
  }

  #endFaulty(error: unknown): void {
    if (!(error instanceof StreamFault)) throw error
    this.#connection.owner.faulted?.(error.code)
    this.#patience.spend('fault')
    const stream = this.#connection.streams.get(error.stream)
    this.#connection.refuse(error.stream, error.code)
    if (stream === undefined) return
    this.#connection.drop(stream)
    stream.sink.reset(error.code, error.message)
  }

  /** The peer's first frame is its SETTINGS (section 3.4). */
  #begin(type: number, flags: number): void {
    if (type !== SETTINGS || (flags & ACK) !== 0) {
      throw new ConnectionFault(PROTOCOL_ERROR, 'the first frame is not SETTINGS')
    }
    this.#settled = true
  }

  #meaning({ type, flags, stream }: FrameHead, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case DATA:
        this.#data(stream, flags, bytes, start, end)
        break
      case HEADERS:
        this.#openings.headers(stream, flags, bytes, start, end)
        break
      case CONTINUATION:
        this.#openings.continuation(flags, bytes, start, end)
        break
      case WINDOW_UPDATE:
        this.#windowUpdate(stream, bytes, start, end)
        break
      case RST_STREAM:
        this.#reset(stream, bytes, start, end)
        break
      case SETTINGS:
        this.#settings(stream, flags, bytes, start, end)
        break
      case PING:
        this.#ping(stream, flags, bytes, start, end)
        break
      case GOAWAY:
        this.#goAway(stream, bytes, start, end)
        break
      case PRIORITY:
        this.#priority(stream, bytes, start, end)
        break
      case PUSH_PROMISE:
        throw new ConnectionFault(PROTOCOL_ERROR, 'PUSH_PROMISE, which was not allowed')
      default:
        // What is unknown is ignored (section 4.1).
        this.#patience.spend('empty')
    }
  }

  #data(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection
    if (this.#openings.answeredAtOnce(id, flags, bytes, start, end)) {
      connection.window.take(end - start)
      connection.window.giveBack(end - start)
      return
    }
    const stream = connection.streams.get(id)
    if (stream === undefined && (id === 0 || connection.isIdle(id))) {
      throw new ConnectionFault(PROTOCOL_ERROR, `DATA on stream ${id}, which is not open`)
    }
    const size = end - start
    connection.window.take(size)
    if (stream === undefined || stream.remoteEnded) {
      connection.window.giveBack(size)
      if (stream === undefined && connection.givenUp.has(id)) return
      throw new StreamFault(id, STREAM_CLOSED, 'DATA after the end of the stream')
    }
    if (size === 0 && (flags & END_STREAM) === 0) this.#patience.spend('empty')
    const part = unpadded(bytes, start, end, { padded: (flags & PADDED) !== 0, skip: 0 })
    stream.take(size, part.end - part.start)
    if (part.end > part.start) stream.sink.data(bytes, part.start, part.end)
    if (stream.closed) return
    if ((flags & END_STREAM) !== 0) {
      checkLength(stream)
      connection.remoteEnded(stream)
    }
    connection.give(stream)
  }

  #windowUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionFault(FRAME_SIZE_ERROR, `WINDOW_UPDATE of ${end - start} bytes`)
    const connection = this.#connection
    const more = bytes.readUInt32BE(start) & 0x7fffffff
    if (more < LITTLE_BYTES) this.#patience.spend('window')
    if (more === 0) this.#openings.release(id)
    else if (this.#openings.raised(id, more)) return
    if (id === 0) {
      if (more === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'WINDOW_UPDATE of 0')
      connection.sender.raise(more)
      return
    }
    if (connection.isIdle(id)) throw new ConnectionFault(PROTOCOL_ERROR, 'WINDOW_UPDATE on an idle stream')
    if (more === 0) throw new StreamFault(id, PROTOCOL_ERROR, 'WINDOW_UPDATE of 0')
    const stream = connection.streams.get(id)
    if (stream !== undefined) connection.sender.raiseOf(stream, more)
  }

  #reset(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionFault(FRAME_SIZE_ERROR, `RST_STREAM of ${end - start} bytes`)
    const connection = this.#connection
    if (id === 0 || connection.isIdle(id)) throw new ConnectionFault(PROTOCOL_ERROR, 'RST_STREAM on an idle stream')
    if (connection.options.role === 'server') this.#patience.spend('reset')
    this.#openings.release(id)
    const stream = connection.streams.get(id)
    if (stream === undefined) return
    connection.drop(stream)
    stream.sink.reset(bytes.readUInt32BE(start), 'the peer has reset the stream')
  }

  #settings(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'SETTINGS on a stream')
    if ((flags & ACK) !== 0) {
      if (start !== end) throw new ConnectionFault(FRAME_SIZE_ERROR, 'SETTINGS with ACK and a payload')
      return
    }
    this.#patience.spend('settings')
    const { sender, streams } = this.#connection
    sender.settle(settingsFrom(sender.peer, bytes, start, end), streams.values())
    this.#connection.owner.settled?.()
  }

  #ping(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'PING on a stream')
    if (end - start !== 8) throw new ConnectionFault(FRAME_SIZE_ERROR, `PING of ${end - start} bytes`)
    if ((flags & ACK) !== 0) {
      this.#connection.owner.ponged()
      return
    }
    this.#patience.spend('ping')
    this.#connection.sender.ping(bytes.subarray(start, end), true)
  }

  #goAway(id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'GOAWAY on a stream')
    if (end - start < 8) throw new ConnectionFault(FRAME_SIZE_ERROR, `GOAWAY of ${end - start} bytes`)
    this.#connection.owner.goneAway(bytes.readUInt32BE(start) & 0x7fffffff, bytes.readUInt32BE(start + 4))
  }

  /** Priorities are read and forgotten (section 5.3.2). */
  #priority(id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'PRIORITY on stream 0')
    if (end - start !== PRIORITY_BYTES) throw new StreamFault(id, FRAME_SIZE_ERROR, `PRIORITY of ${end - start} bytes`)
    this.#patience.spend('empty')
    checkDependency(id, bytes, start)
  }
}
