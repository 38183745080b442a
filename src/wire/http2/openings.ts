import type { Connection } from './connection.ts'
import { ConnectionFault, PROTOCOL_ERROR, REFUSED_STREAM, STREAM_CLOSED, StreamFault } from './fault.ts'
import { END_HEADERS, END_STREAM, PADDED, PRIORITIZED } from './frame.ts'
import { type Block, type HeaderBlocks, unpadded } from './header-blocks.ts'
import { HeldRequests } from './held-requests.ts'
import type { Patience } from './patience.ts'
import { checkDependency, PRIORITY_BYTES } from './priority.ts'
import { MOST_WINDOW } from './settings.ts'
import { checkLength, type Stream } from './stream.ts'

/** Of a body that has come without its end; larger ones become streams. */
const LARGEST_HELD_BODY = 2_048

/** What header blocks begin and end: new streams, answers, trailers (RFC 9113, sections 5.1.1, 6.2 and 8.1). */
export class Openings {
  readonly #connection: Connection
  readonly #blocks: HeaderBlocks
  readonly #patience: Patience
  /** They can be answered at once when their bodies come, without a stream. */
  readonly #held = new HeldRequests()

  constructor(connection: Connection, blocks: HeaderBlocks, patience: Patience) {
    this.#connection = connection
    this.#blocks = blocks
    this.#patience = patience
  }

  headers(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    if ((flags & (PADDED | PRIORITIZED)) === 0 && (flags & END_HEADERS) !== 0) {
      this.#complete(id, this.#blocks.decode(bytes, start, end), (flags & END_STREAM) !== 0)
      return
    }
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'HEADERS on stream 0')
    const prioritized = (flags & PRIORITIZED) !== 0
    const padded = (flags & PADDED) !== 0
    const part = unpadded(bytes, start, end, { padded, skip: prioritized ? PRIORITY_BYTES : 0 })
    this.#blocks.begin(id, (flags & END_STREAM) !== 0, bytes.subarray(part.start, part.end))
    if (prioritized) checkDependency(id, bytes, part.start - PRIORITY_BYTES)
    if ((flags & END_HEADERS) !== 0) this.#end()
  }

  continuation(flags: number, bytes: Buffer, start: number, end: number): void {
    if (this.#blocks.open === undefined) throw new ConnectionFault(PROTOCOL_ERROR, 'CONTINUATION without HEADERS')
    if (start === end) this.#patience.spend('empty')
    this.#blocks.append(bytes.subarray(start, end))
    if ((flags & END_HEADERS) !== 0) this.#end()
  }

  /**
   * DATA of a request that is held: the whole of it, or its only message and then, as some clients do, an empty frame that
   * ends it. Whether that is dealt with.
   */
  answeredAtOnce(id: number, flags: number, bytes: Buffer, start: number, end: number): boolean {
    const held = this.#held.get(id)
    if (held === undefined) return false
    const { block, body } = held
    const { owner } = this.#connection
    if (flags === 0 && body === undefined && end > start && end - start <= LARGEST_HELD_BODY) {
      held.body = Buffer.from(bytes.subarray(start, end))
      return true
    }
    const isWhole = flags === END_STREAM && (body === undefined || start === end)
    const isAnswered =
      isWhole &&
      (body === undefined
        ? owner.answeredAtOnce(id, block, bytes, start, end)
        : owner.answeredAtOnce(id, block, body, 0, body.length))
    if (isAnswered) this.#held.delete(id)
    else this.release(id)
    return isAnswered
  }

  /** Opens a stream that is held: something else comes of it than a whole request. */
  release(id: number): void {
    const held = this.#held.get(id)
    if (held === undefined) return
    this.#held.delete(id)
    const { block, raised, body } = held
    const stream = this.#connection.accept(id)
    this.#connection.owner.opened(stream, block, false)
    if (raised > 0 && !stream.closed) this.#connection.sender.raiseOf(stream, raised)
    if (body === undefined || stream.closed) return
    stream.take(body.length, body.length)
    // The window of the connection was given back when it came.
    stream.givenToConnection += body.length
    stream.sink.data(body, 0, body.length)
  }

  /**
   * The window for the answer of a request that is held grows: some clients say so before they send the body. False where
   * it is not held, or the window becomes too large for that.
   */
  raised(id: number, bytes: number): boolean {
    const held = this.#held.get(id)
    if (held === undefined) return false
    if (this.#connection.sender.peer.initialWindow + held.raised + bytes > MOST_WINDOW) {
      this.release(id)
      return false
    }
    held.raised += bytes
    return true
  }

  /** The first that is held: when all that has arrived is read, bodies that have not come may not come for long. */
  get firstHeld(): number | undefined {
    return this.#held.first
  }

  #end(): void {
    const { open } = this.#blocks
    const block = this.#blocks.end()
    if (open !== undefined) this.#complete(open.stream, block, open.end)
  }

  /** A header block is complete: of a new stream, or of one that is open. */
  #complete(id: number, block: Block, end: boolean): void {
    const connection = this.#connection
    if (this.#held.size > 0) this.release(id)
    const stream = connection.streams.get(id)
    if (stream !== undefined) this.#further(stream, block, end)
    else if (this.#isNew(id)) this.#open(id, block, end)
  }

  /** Whether a block opens a stream; false where it is of one that we gave up. */
  #isNew(id: number): boolean {
    const connection = this.#connection
    if (connection.givenUp.has(id)) return false
    if (id === 0 || (connection.isOwn(id) && connection.isIdle(id))) {
      throw new ConnectionFault(PROTOCOL_ERROR, `HEADERS on stream ${id}`)
    }
    if (!connection.isIdle(id)) throw new ConnectionFault(STREAM_CLOSED, `HEADERS on stream ${id}, which has ended`)
    if (connection.options.role === 'client') throw new ConnectionFault(PROTOCOL_ERROR, 'a server opened a stream')
    return true
  }

  #open(id: number, block: Block, end: boolean): void {
    const connection = this.#connection
    const { streams, options, acceptUpTo } = connection
    connection.lastOfPeer = id
    // Above the limit, or after GOAWAY: refused, and safe to repeat elsewhere (section 8.7).
    if (streams.size + this.#held.size >= options.maxStreams || id > acceptUpTo) {
      this.#patience.spend('refused')
      connection.refuse(id, REFUSED_STREAM)
      return
    }
    if (!end) {
      this.#held.add(id, block)
      return
    }
    const stream = connection.accept(id)
    // Before it is answered, or the answer would be one that did not wait for its request.
    stream.remoteEnded = true
    connection.owner.opened(stream, block, true)
    if (stream.closed) return
    checkLength(stream)
    connection.remoteEnded(stream)
  }

  #further(stream: Stream, { fields }: Block, end: boolean): void {
    if (stream.remoteEnded) throw new StreamFault(stream.id, STREAM_CLOSED, 'HEADERS after the end of the stream')
    // To a server, a second block can only be trailers, and they end the stream (section 8.1).
    if (!end && this.#connection.options.role === 'server') {
      throw new StreamFault(stream.id, PROTOCOL_ERROR, 'trailers that do not end the stream')
    }
    if (fields === 'too-large') throw new StreamFault(stream.id, PROTOCOL_ERROR, 'more headers than were allowed')
    stream.sink.headers(fields, end)
    if (!end || stream.closed) return
    checkLength(stream)
    this.#connection.remoteEnded(stream)
  }
}
