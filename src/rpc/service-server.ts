import { resolve } from 'node:path'
import {
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { type Address, formatAddress } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ByteHandler } from '../wire/grpc/byte-answer.ts'
import { WireServer, type WireServerStats } from '../wire/grpc/wire-server.ts'
import type { Service } from './call.ts'
import type { Dispatcher } from './dispatcher.ts'
import { createEngine, type Engine, type EngineName } from './engine.ts'
import { EngineCall, streamCall } from './engine-call.ts'
import { Health } from './health.ts'
import { LongStreams } from './long-streams.ts'
import { ringsideProto, serviceDefinition } from './ringside-proto.ts'
import { SocketCalls } from './socket-calls.ts'
import { unavailable } from './unavailable-method.ts'
import { clearSocketPath, restrictSocket } from './unix-socket.ts'

export interface ListenOptions {
  /** Port 0 lets the system choose; `undefined` = no TCP. */
  readonly tcp: Address | undefined
  /** Path of a Unix socket; `undefined` = none. */
  readonly socket: string | undefined
}

export interface ServiceServerOptions {
  /** A service without a single method is there to be refused, and reports as not serving. */
  readonly services: readonly Service[]
  /** Methods that may be answered from bytes to bytes, by their paths, on an engine that can. */
  readonly byteHandlers: Readonly<Record<string, ByteHandler>>
  readonly dispatcher: Dispatcher
  readonly listen: ListenOptions
  readonly engine: EngineName
  /** Largest message taken; the transport answers `RESOURCE_EXHAUSTED` beyond it. */
  readonly messageBytes: number
  readonly clock: Clock
  readonly log: Log
}

/** Where a server can be reached; `undefined` where it is not. */
export interface ServerAddresses {
  readonly tcp: string | undefined
  readonly socket: string | undefined
}

/** The services of the sidecar, with health and reflection, on one of the engines. */
export class ServiceServer {
  readonly #options: ServiceServerOptions
  /** Not ready until `setReady` is called, and never again once draining. */
  readonly health: Health
  readonly #server: Engine
  readonly #streams = new LongStreams()
  readonly #socketCalls = new SocketCalls()
  #tcp: string | undefined
  #socket: string | undefined
  #draining = false

  constructor(options: ServiceServerOptions) {
    this.#options = options
    this.#server = createEngine(options)
    this.health = new Health(options.services)
    for (const service of options.services) this.#serve(service)
    if (this.#server instanceof WireServer) {
      for (const [path, handler] of Object.entries(options.byteHandlers)) this.#server.addByteHandler(path, handler)
    }
    const watching = this.#streams.watching(this.#server)
    this.health.addTo(watching)
    reflection(options.services).addToServer(watching)
  }

  /**
   * Listens on all addresses. Rejects with `CONFIG_INVALID` when one cannot be had; a socket whose folder cannot be made
   * or written is only logged, since TCP serves as well.
   */
  async start(): Promise<void> {
    const { tcp, socket } = this.#options.listen
    try {
      if (tcp !== undefined) await this.#listenTcp(tcp)
      if (socket !== undefined) await this.#listenSocket(resolve(socket))
    } catch (error) {
      this.#server.forceShutdown()
      throw error
    }
  }

  /** What the engine counts; ours alone does. */
  stats(): WireServerStats | undefined {
    return this.#server instanceof WireServer ? this.#server.stats() : undefined
  }

  addresses(): ServerAddresses {
    return { tcp: this.#tcp, socket: this.#socket }
  }

  setReady(ready: boolean): void {
    if (!this.#draining) this.health.set(ready)
  }

  /** Stops taking calls, lets those in flight finish for at most `withinMs`, and cuts off the rest. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true
    this.health.set(false)
    const shutDown = this.#shutDown()
    this.#streams.endAll()
    const timer = this.#options.clock.after(withinMs, () => this.#server.forceShutdown())
    await shutDown
    timer.cancel()
  }

  /** At once: calls in flight are cut off. */
  async close(): Promise<void> {
    this.#draining = true
    const shutDown = this.#shutDown()
    this.#server.forceShutdown()
    await shutDown
  }

  #shutDown(): Promise<void> {
    return new Promise((done) => this.#server.tryShutdown(() => done()))
  }

  #serve(service: Service): void {
    const definition = serviceDefinition(service.name)
    const methods = Object.entries(definition).map(([name, method]) => [name, this.#carry(service, name, method)])
    this.#server.addService(definition, Object.fromEntries(methods))
  }

  #carry(service: Service, name: string, definition: MethodDefinition<object, object>): UntypedHandleCall {
    const { dispatcher, clock } = this.#options
    const parts = { clock, socketCalls: this.#socketCalls }
    const label = `${service.name.slice(service.name.lastIndexOf('.') + 1)}.${name}`
    const method = service.methods[name] ?? unavailable(label, service.off)
    if (definition.responseStream) {
      return (call: ServerWritableStream<unknown, unknown>) =>
        dispatcher.dispatch(method, call.request, streamCall(call, parts))
    }
    return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) =>
      dispatcher.dispatch(method, call.request, new EngineCall(call, reply, parts))
  }

  async #listenTcp(address: Address): Promise<void> {
    const port = await this.#bind(formatAddress(address), `listen.grpc: ${formatAddress(address)}`)
    this.#tcp = formatAddress({ host: address.host, port })
  }

  async #listenSocket(path: string): Promise<void> {
    const why = await clearSocketPath(path)
    if (why !== undefined) {
      this.#options.log.warn({ socket: path, why }, 'no Unix socket: its folder cannot be used; going on without it')
      return
    }
    await this.#bind(`unix:${path}`, `listen.socket: ${path}`, this.#socketCalls.credentials())
    await restrictSocket(path)
    this.#socket = path
  }

  #bind(target: string, what: string, credentials = ServerCredentials.createInsecure()): Promise<number> {
    return new Promise((bound, failed) => {
      this.#server.bindAsync(target, credentials, (error, port) => {
        if (error === null) bound(port)
        else failed(bindFailure(what, error))
      })
    })
  }
}

function bindFailure(what: string, cause: Error): RingsideError {
  const flaw = cause.message.includes('EADDRINUSE')
    ? 'is in use by another process; stop it or choose another address'
    : `cannot be listened on (${cause.message}); choose another address`
  return new RingsideError('CONFIG_INVALID', `${what} ${flaw}`, { cause })
}

function reflection(services: readonly Service[]): ReflectionService {
  const names = [...services.map(({ name }) => name), Health.service]
  return new ReflectionService({ ...ringsideProto, ...Health.definition() }, { services: names })
}
