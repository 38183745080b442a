import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { HpackDecoder } from '../hpack/hpack-decoder.ts'
import { CANCEL, ConnectionFault, INTERNAL_ERROR, NO_ERROR, StreamFault } from './fault.ts'
import { GivenUp } from './given-up.ts'
import { type Block, HeaderBlocks } from './header-blocks.ts'
import { Intake } from './intake.ts'
import { Patience } from './patience.ts'
import { ReceiveWindow, STEP_SHARE } from './receive-window.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import { DEFAULT_WINDOW, type OwnSettings, settingsPayload } from './settings.ts'
import { Stream } from './stream.ts'

/** How long a connection that has ended may take to send its last bytes. */
const LINGER_MS = 5_000

export interface ConnectionOptions extends OwnSettings {
  /** Bytes that may be under way to us on all streams together. */
  readonly connectionWindow: number
}

/** Whose the connection is: a server or a client. */
export interface ConnectionOwner {
  /** The peer opens a stream; what comes of it goes to the sink that is set on it. Only a server's peer does. */
  opened(stream: Stream, block: Block, end: boolean): void
  /** A whole request is at hand: its headers, and one DATA frame that ends the stream. Whether it was answered at once. */
  answeredAtOnce(stream: number, block: Block, bytes: Buffer, start: number, end: number): boolean
  /** The peer takes no streams above `last` any more. */
  goneAway(last: number, code: number): void
  ponged(): void
  /** The peer has told its settings, for the first time or anew. */
  settled?(): void
  /** The peer broke the protocol; its connection, or one stream of it, was ended. */
  faulted?(code: number): void
  /** The last stream has ended. */
  idle(): void
  /** Nothing comes or goes any more. Once, and after every stream's `reset`. */
  closed(why: string): void
}

/** One HTTP/2 connection (RFC 9113), of a client or a server, over a socket that is connected already. */
export class Connection {
  readonly streams = new Map<number, Stream>()
  readonly sender: Sender
  readonly options: ConnectionOptions
  readonly owner: ConnectionOwner
  /** The largest stream that the peer has opened. */
  lastOfPeer = 0
  /** Streams above are not taken any more. */
  acceptUpTo = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #intake: Intake
  readonly givenUp = new GivenUp()
  readonly window: ReceiveWindow
  #nextOwn: number
  #closed = false

  constructor(socket: Socket, options: ConnectionOptions, owner: ConnectionOwner, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    this.options = options
    this.owner = owner
    this.#nextOwn = options.role === 'client' ? 1 : 2
    this.sender = new Sender(socket, { ended: (stream) => this.#endIfDone(stream), sent: () => this.#drained() })
    this.window = new ReceiveWindow(options.connectionWindow, (bytes) => {
      if (!this.#closed) this.sender.windowUpdate(0, bytes)
    })
    const blocks = new HeaderBlocks(new HpackDecoder({ tableBytes: 4_096, listBytes: options.headerListBytes }))
    const receiver = new Receiver(this, blocks, new Patience(clock))
    this.#intake = new Intake(socket, this, receiver, (error) => this.#fault(error))
    socket.on('error', () => undefined)
    socket.on('end', () => this.#socket.end())
    socket.once('close', () => this.#ended('the connection was closed'))
  }

  /** Sends our settings: the first frame of each side (section 3.4), behind a client's preface. */
  introduce(): void {
    this.sender.settings(settingsPayload(this.options))
    const more = this.options.connectionWindow - DEFAULT_WINDOW
    if (more > 0) this.sender.windowUpdate(0, more)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** A stream of our own. Its headers are sent by the caller. */
  open(): Stream {
    const stream = this.#stream(this.#nextOwn)
    this.#nextOwn += 2
    return stream
  }

  isOwn(stream: number): boolean {
    return stream % 2 === (this.options.role === 'client' ? 1 : 0)
  }

  /** Neither side has opened it yet (section 5.1, idle). */
  isIdle(stream: number): boolean {
    return this.isOwn(stream) ? stream >= this.#nextOwn : stream > this.lastOfPeer
  }

  /** A stream that the peer opens. */
  accept(id: number): Stream {
    this.lastOfPeer = Math.max(this.lastOfPeer, id)
    return this.#stream(id)
  }

  sendHeaders(stream: Stream, fields: readonly string[], end: boolean): void {
    this.sender.headers(stream.id, fields, end)
    if (!end) return
    stream.localEnded = true
    stream.endSent = true
    this.#endIfDone(stream)
  }

  /** Ends a stream before its time. */
  cancel(stream: Stream, code = CANCEL): void {
    if (stream.closed) return
    this.refuse(stream.id, code)
    this.drop(stream)
  }

  refuse(id: number, code: number): void {
    this.sender.reset(id, code)
    this.givenUp.add(id)
  }

  /** The peer's half has ended. */
  remoteEnded(stream: Stream): void {
    stream.remoteEnded = true
    stream.sink.ended()
    this.#endIfDone(stream)
  }

  /** Lets go of a stream without a word to the peer. */
  drop(stream: Stream): void {
    if (stream.closed) return
    stream.closed = true
    this.streams.delete(stream.id)
    this.sender.forget(stream)
    this.give(stream)
    if (this.streams.size === 0) this.owner.idle()
  }

  /** Gives back what a stream has taken, in steps of half a window (section 6.9.1). */
  give(stream: Stream): void {
    if (stream.paused && !stream.closed) return
    this.window.giveBack(stream.taken - stream.givenToConnection)
    stream.givenToConnection = stream.taken
    if (stream.taken < this.options.initialWindow * STEP_SHARE || stream.remoteEnded || stream.closed) return
    this.sender.windowUpdate(stream.id, stream.taken)
    stream.receiveWindow += stream.taken
    stream.taken = 0
    stream.givenToConnection = 0
  }

  /** Tells the peer to open no more streams above the last one taken. */
  goAway(code = NO_ERROR, why = ''): void {
    if (this.#closed) return
    this.acceptUpTo = this.lastOfPeer
    this.sender.goAway(this.lastOfPeer, code, why)
  }

  /** Lets the socket send what it has, and closes it; a peer that takes none of it and stays does not keep it open. */
  close(): void {
    if (this.#closed) return
    this.sender.outbox.flush()
    this.#socket.end()
    const linger = this.#clock.after(LINGER_MS, () => this.#socket.destroy())
    this.#socket.once('close', () => linger.cancel())
    this.#ended('the connection was closed')
  }

  /** Resets every stream, and goes without waiting for anything. */
  abort(): void {
    if (this.#closed) return
    for (const { id } of this.streams.values()) this.sender.reset(id, CANCEL)
    this.goAway()
    this.sender.outbox.flush()
    this.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#ended('the connection was closed')
  }

  #stream(id: number): Stream {
    const windows = { send: this.sender.peer.initialWindow, receive: this.options.initialWindow }
    const stream = new Stream(this, id, windows)
    this.streams.set(id, stream)
    return stream
  }

  #fault(error: unknown): void {
    const { code, message } =
      error instanceof ConnectionFault || error instanceof StreamFault
        ? error
        : { code: INTERNAL_ERROR, message: 'an internal error' }
    this.owner.faulted?.(code)
    this.goAway(code, message)
    this.close()
    if (!(error instanceof ConnectionFault || error instanceof StreamFault)) throw error
  }

  #drained(): void {
    this.sender.resume()
    this.sender.outbox.flush()
    this.#intake.proceed()
  }

  #endIfDone(stream: Stream): void {
    if (!stream.endSent) return
    // An answer that is complete before its request has been read to the end (section 8.1).
    if (!stream.remoteEnded && this.options.role === 'server') this.cancel(stream, NO_ERROR)
    else if (stream.remoteEnded) this.drop(stream)
  }

  #ended(why: string): void {
    if (this.#closed) return
    this.#closed = true
    // What still comes is read and dropped: the peer's end would not be noticed otherwise.
    this.#socket.resume()
    const open = [...this.streams.values()]
    this.streams.clear()
    for (const stream of open) {
      stream.closed = true
      this.sender.forget(stream)
      stream.sink.reset(CANCEL, why)
    }
    this.owner.closed(why)
  }
}
