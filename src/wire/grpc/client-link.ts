import { connect, type OnReadOpts, type Socket } from 'node:net'
import type { Clock, Timer } from '../../base/clock.ts'
import { Connection, type ConnectionOptions } from '../http2/connection.ts'
import { REFUSED_STREAM } from '../http2/fault.ts'
import { CLIENT_PREFACE } from '../http2/preface.ts'
import { Keepalive } from './keepalive.ts'
import type { Target } from './target.ts'

/** Bytes that one answer, and all together, may be ahead of what was read. */
const STREAM_WINDOW = 1024 * 1024
const CONNECTION_WINDOW = 16 * 1024 * 1024
const HEADER_LIST_BYTES = 64 * 1024
const READ_BYTES = 64 * 1024
const PING = Buffer.from('ringside')

const OPTIONS: ConnectionOptions = {
  role: 'client',
  maxStreams: 0,
  initialWindow: STREAM_WINDOW,
  connectionWindow: CONNECTION_WINDOW,
  headerListBytes: HEADER_LIST_BYTES,
}

export interface LinkOptions {
  readonly target: Target
  readonly clock: Clock
  /** Milliseconds that connecting may take, up to the server's SETTINGS. */
  readonly connectWithinMs: number
  readonly keepalive: { readonly afterMs: number; readonly withinMs: number } | undefined
}

/** What becomes of a link. */
export interface LinkEvents {
  /** The server has told its settings, for the first time or anew: calls may begin, as many as they allow. */
  ready(): void
  /** No call may begin here any more; those that have may still end. */
  leaving(): void
  /** The connection is gone, or never came about. Once. */
  lost(why: string): void
}

/** One attempt to connect, and the connection that comes of it. */
export class ClientLink {
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  readonly #socket: Socket
  readonly #timer: Timer
  readonly #closed: Promise<void>
  #connection: Connection | undefined
  #keepalive: Keepalive | undefined
  #isLeaving = false
  #isLost = false
  #why = 'the connection was closed'

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options
    this.#events = events
    this.#socket = connect({ ...options.target.socket, noDelay: true, onread: this.#reading() })
    this.#timer = options.clock.after(options.connectWithinMs, () => this.#lose('no answer in time'))
    this.#closed = new Promise((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.once('connect', () => this.#connected())
    this.#socket.on('error', (error) => {
      this.#why = error.message
    })
    this.#socket.once('close', () => this.#gone())
  }

  /** The connection, when one more stream may be opened on it now. */
  get room(): Connection | undefined {
    const connection = this.#connection
    if (connection === undefined || this.#isLeaving || this.#isLost) return undefined
    return connection.streams.size < connection.sender.peer.maxStreams ? connection : undefined
  }

  /** Ends it; what is under way on it fails. */
  async close(): Promise<void> {
    this.#isLeaving = true
    this.#connection?.goAway()
    this.#connection?.close()
    this.#socket.destroySoon()
    this.#gone()
    await this.#closed
  }

  /**
   * One buffer for all that is read, instead of a new one each time: a third of the CPU of a busy connection. It is told as
   * `data`, whose listener takes bytes as lent.
   */
  #reading(): OnReadOpts {
    return {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => {
        this.#socket.emit('data', Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
        return true
      },
    }
  }

  #connected(): void {
    if (this.#isLost) return
    this.#socket.write(CLIENT_PREFACE)
    this.#connection = new Connection(
      this.#socket,
      OPTIONS,
      {
        opened: () => undefined,
        answeredAtOnce: () => false,
        settled: () => this.#settled(),
        goneAway: (last) => this.#goneAway(last),
        ponged: () => undefined,
        idle: () => this.#streamsEnded(),
        closed: () => this.#gone(),
      },
      this.#options.clock,
    )
    this.#connection.introduce()
  }

  #settled(): void {
    this.#timer.cancel()
    const { keepalive, clock } = this.#options
    if (this.#keepalive === undefined && keepalive !== undefined) this.#keepAlive({ clock, ...keepalive })
    this.#events.ready()
  }

  #keepAlive(options: ConstructorParameters<typeof Keepalive>[0]): void {
    const socket = this.#socket
    const connection = this.#connection as Connection
    this.#keepalive = new Keepalive(options, {
      get bytesRead() {
        return socket.bytesRead
      },
      get isIdle() {
        return connection.streams.size === 0
      },
      ping: () => connection.sender.ping(PING, false),
      lose: () => this.#lose('no answer to a keepalive ping'),
    })
  }

  /** The calls above were not looked at and never will be (RFC 9113, section 6.8). */
  #goneAway(last: number): void {
    this.#leave()
    const connection = this.#connection as Connection
    for (const stream of [...connection.streams.values()]) {
      if (stream.id <= last) continue
      // In this order: the connection closes with the last of its streams, and a closed one has nothing repeated.
      stream.sink.reset(REFUSED_STREAM, 'the server is going away')
      connection.drop(stream)
    }
    this.#streamsEnded()
  }

  #leave(): void {
    if (this.#isLeaving) return
    this.#isLeaving = true
    this.#events.leaving()
  }

  #streamsEnded(): void {
    if (this.#isLeaving && this.#connection?.streams.size === 0) this.#connection.close()
  }

  #lose(why: string): void {
    this.#why = why
    if (this.#connection === undefined) this.#socket.destroy()
    else this.#connection.destroy()
    this.#gone()
  }

  #gone(): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#timer.cancel()
    this.#keepalive?.close()
    this.#events.lost(this.#why)
  }
}
