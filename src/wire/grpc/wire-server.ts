import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type { ServerCredentials, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import { nameOf } from '../http2/fault.ts'
import type { ByteHandler } from './byte-answer.ts'
import { type ServedMethod, ServerSession, type SessionOptions } from './server-session.ts'

export interface WireServerOptions {
  readonly clock: Clock
  /** Largest message taken, in bytes; 4 MiB unless given. */
  readonly maxMessageBytes?: number
  /** Calls that one connection may have open at once. */
  readonly maxStreams?: number
  /** After so long the server asks a silent connection for a sign of life. */
  readonly keepaliveTimeMs?: number
  readonly keepaliveTimeoutMs?: number
}

export interface WireServerStats {
  readonly connections: number
  /** Connections and streams that were ended since a client broke the protocol, by the name of the error code. */
  readonly faults: ReadonlyMap<string, number>
}

const DEFAULTS = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxStreams: 1_000,
  headerListBytes: 16 * 1024,
  keepaliveTimeMs: 60_000,
  keepaliveTimeoutMs: 20_000,
}

/**
 * gRPC over HTTP/2 on plaintext TCP and Unix sockets: the subset of grpc-js' `Server` that services need, with the same
 * signatures, and byte handlers for what can be answered from memory.
 */
export class WireServer {
  readonly #options: Omit<SessionOptions, 'peer'>
  readonly #methods = new Map<string, ServedMethod>()
  readonly #listeners = new Set<NetServer>()
  readonly #sessions = new Set<ServerSession>()
  readonly #faults = new Map<string, number>()
  #onEmpty: (() => void) | undefined
  #stopped = false

  constructor(options: WireServerOptions) {
    this.#options = { ...DEFAULTS, ...options }
  }

  stats(): WireServerStats {
    return { connections: this.#sessions.size, faults: this.#faults }
  }

  /** Serves the methods of a definition that the implementation has, by their names in either spelling. */
  addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    for (const [name, method] of Object.entries(definition)) {
      if (this.#methods.has(method.path)) throw new Error(`Method handler for ${method.path} already provided.`)
      const handler = implementation[name] ?? implementation[method.originalName ?? '']
      if (handler === undefined) continue
      this.#methods.set(method.path, {
        definition: method,
        handler: handler.bind(implementation),
        byteHandler: undefined,
      })
    }
  }

  /** Asks `byteHandler` first whenever a whole request of this method is at hand. */
  addByteHandler(path: string, byteHandler: ByteHandler): void {
    const method = this.#methods.get(path)
    if (method === undefined) throw new Error(`no method ${path} that a byte handler could stand before`)
    this.#methods.set(path, { ...method, byteHandler })
  }

  /** Listens on `host:port` or `unix:path`. Plaintext only. */
  bindAsync(target: string, _credentials: ServerCredentials, done: (error: Error | null, port: number) => void): void {
    const listener = createServer({ noDelay: true }, (socket) => this.#serve(socket, peerOf(target, socket)))
    listener.once('error', (error) => done(error, 0))
    listener.listen(addressOf(target), () => {
      this.#listeners.add(listener)
      const address = listener.address()
      done(null, typeof address === 'object' && address !== null ? address.port : 1)
    })
  }

  /** Serves a TCP connection that something else has accepted. */
  serve(socket: Socket): void {
    this.#serve(socket, peerOf('', socket))
  }

  /** Takes no more calls; `done` when those under way have ended. */
  tryShutdown(done: (error?: Error) => void): void {
    this.#stopped = true
    for (const listener of this.#listeners) listener.close()
    this.#listeners.clear()
    this.#onEmpty = () => done()
    for (const session of [...this.#sessions]) session.drain()
    this.#checkEmpty()
  }

  /** Cuts off what is under way. */
  forceShutdown(): void {
    this.#stopped = true
    for (const listener of this.#listeners) listener.close()
    this.#listeners.clear()
    for (const session of [...this.#sessions]) session.destroy()
    this.#checkEmpty()
  }

  #serve(socket: Socket, peer: string): void {
    if (this.#stopped) {
      socket.destroy()
      return
    }
    const session = new ServerSession(
      socket,
      this.#methods,
      { ...this.#options, peer },
      {
        faulted: (code) => {
          const name = nameOf(code)
          this.#faults.set(name, (this.#faults.get(name) ?? 0) + 1)
        },
        closed: () => {
          this.#sessions.delete(session)
          this.#checkEmpty()
        },
      },
    )
    this.#sessions.add(session)
  }

  #checkEmpty(): void {
    if (!this.#stopped || this.#sessions.size > 0) return
    const done = this.#onEmpty
    this.#onEmpty = undefined
    done?.()
  }
}

/** Told by the address that it came to: one that was reset at once has none of its own. */
function peerOf(target: string, { remoteAddress, remotePort }: Socket): string {
  return target.startsWith('unix:') ? 'unix:' : `${remoteAddress ?? 'unknown'}:${remotePort ?? 0}`
}

function addressOf(target: string): { path: string } | { host: string; port: number } {
  if (target.startsWith('unix:')) return { path: target.slice('unix:'.length).replace(/^\/\/\//, '/') }
  const colon = target.lastIndexOf(':')
  return { host: target.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(target.slice(colon + 1)) }
}
