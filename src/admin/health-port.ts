import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { speaksHttp2 } from '../wire/http2/preface.ts'
import { addressOf, listenOn } from './listen-on.ts'
import { createPageServer, type PageSources } from './page-server.ts'

export interface HealthPortOptions extends PageSources {
  /** Port 0 lets the system choose. */
  readonly listen: Address
  /** Serves gRPC health, and nothing else, on a connection of which nothing has been read. */
  readonly takeGrpc: (socket: Socket) => void
  readonly clock: Clock
  /** Most connections at once; 64 unless given. */
  readonly maxConnections?: number
  /** How long one may take until it can be told what it speaks, in milliseconds; 5 s unless given. */
  readonly greetingMs?: number
  /** How long an HTTP request may take with its answer, in milliseconds; 30 s unless given. */
  readonly requestMs?: number
}

const DEFAULTS = { maxConnections: 64, greetingMs: 5_000, requestMs: 30_000 }

/**
 * The one port that is meant for other addresses than the pod's own: gRPC health, probes and metrics, told apart by how a
 * connection begins. Anyone may connect, so none may hold it: where too many are open, the one that has been open longest
 * makes room, and a probe is never kept out by connections that only stand there.
 */
export class HealthPort {
  readonly #options: HealthPortOptions & typeof DEFAULTS
  readonly #server: Server
  readonly #pages: HttpServer
  /** In the order in which they came. */
  readonly #open = new Set<Socket>()

  constructor(options: HealthPortOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#pages = createPageServer(options)
    // One request a connection: its deadline is then that of the connection, and a slow drip of bytes does not extend it.
    this.#pages.prependListener('request', (_request, response) => response.setHeader('connection', 'close'))
    // Who has sent all of a request may close its side, and gets the answer all the same.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#admit(socket))
  }

  /** Rejects with `CONFIG_INVALID` when the address cannot be had. */
  start(): Promise<void> {
    return listenOn(this.#server, this.#options.listen, 'listen.health', this.#options.log)
  }

  /** Host and port that it listens on; `undefined` before `start` and after `close`. */
  address(): string | undefined {
    return addressOf(this.#server)
  }

  /** At once: what is under way is cut off. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#open) socket.destroy()
    })
  }

  #admit(socket: Socket): void {
    const [oldest] = this.#open
    if (oldest !== undefined && this.#open.size >= this.#options.maxConnections) oldest.destroy()
    this.#open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#open.delete(socket))
    this.#greet(socket)
  }

  /** Reads until it can be told which protocol this is, and hands the connection on as if nothing had been read. */
  #greet(socket: Socket): void {
    let read: Buffer = Buffer.alloc(0)
    const patience = this.#options.clock.after(this.#options.greetingMs, () => socket.destroy())
    const hangUp = () => socket.destroy()
    const onData = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk])
      const isHttp2 = speaksHttp2(read)
      if (isHttp2 === undefined) return
      patience.cancel()
      socket.off('data', onData)
      socket.off('end', hangUp)
      socket.pause()
      socket.unshift(read)
      if (isHttp2) this.#options.takeGrpc(socket)
      else this.#takeHttp(socket)
      socket.resume()
    }
    socket.on('data', onData)
    socket.once('end', hangUp)
    socket.once('close', () => patience.cancel())
  }

  #takeHttp(socket: Socket): void {
    const deadline = this.#options.clock.after(this.#options.requestMs, () => socket.destroy())
    socket.once('close', () => deadline.cancel())
    this.#pages.emit('connection', socket)
  }
}
