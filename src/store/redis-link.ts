import type { Redis } from 'ioredis'
import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Guard } from '../guard/guard.ts'
import { openRedis, type RedisConnectionOptions } from './redis-connection.ts'
import { RedisPipeline } from './redis-pipeline.ts'
import { failureKind } from './redis-reply.ts'
import { ServerClock } from './server-clock.ts'
import { memoryFigures, type ServerMemory, serverWarnings, UNKNOWN_MEMORY } from './server-info.ts'
import type { ShardState } from './shard.ts'

/** The connection to one server, what is known of that server, and the guarded pipeline through which all requests go. */
export class RedisLink {
  readonly pipeline: RedisPipeline
  readonly serverClock = new ServerClock()
  readonly #name: string
  readonly #redis: Redis
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #log: Log
  #lastError = 'not connected yet'
  #probed = false
  #closed = false
  #introduction: Promise<void> | undefined
  #memory: ServerMemory = UNKNOWN_MEMORY
  #warnings: readonly string[] = []

  constructor(options: RedisConnectionOptions, parts: { guard: Guard; clock: Clock; chance: Chance; log: Log }) {
    this.#name = options.name
    this.#guard = parts.guard
    this.#clock = parts.clock
    this.#log = parts.log
    this.#redis = openRedis(options, parts.chance)
    this.pipeline = new RedisPipeline(this.#redis, parts.guard, parts.clock)
    this.#redis.on('error', (error: Error) => this.#fail(error.message))
    this.#redis.on('close', () => this.#lose())
    this.#redis.on('ready', () => {
      this.#introduction = this.#introduce().catch((error: unknown) => this.#fail(failureKind(error)))
    })
  }

  /** Resolves after the first attempt to connect, whether it succeeded or not; further attempts follow by themselves. */
  async open(): Promise<void> {
    // Why it failed comes as an 'error' event; the rejection only says that it did.
    await this.#redis.connect().catch(() => undefined)
    await this.#introduction
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#redis.disconnect()
    this.#guard.close()
  }

  reconnect(): void {
    if (!this.#closed) this.#redis.disconnect(true)
  }

  state(): ShardState {
    if (this.#redis.status !== 'ready') return { up: false, why: `no connection: ${this.#lastError}` }
    if (this.#guard.state() === 'open') return { up: false, why: 'its circuit breaker is open' }
    if (!this.#probed) return { up: false, why: `connected, but not answering: ${this.#lastError}` }
    return { up: true, warnings: this.#warnings }
  }

  memory(): ServerMemory {
    return this.#memory
  }

  /** Asks the server for its time. Rejects with the driver's or the guard's error. */
  async probe(): Promise<void> {
    const { value, sentAt } = await this.pipeline.send<readonly [Buffer, Buffer]>('time', [])
    this.serverClock.observe(sentAt, this.#clock.now(), Number(value[0]) * 1_000_000 + Number(value[1]))
    this.#probed = true
  }

  /** Asks the server for its figures and its set-up; a server that does not tell them is none the worse. */
  async inspect(): Promise<void> {
    const { value } = await this.pipeline.send<Buffer>('info', [])
    const text = value.toString('latin1')
    this.#memory = memoryFigures(text)
    this.#warnings = serverWarnings(text)
  }

  /** The first words on every new connection. */
  async #introduce(): Promise<void> {
    const inspected = this.inspect().catch((error: unknown) => {
      this.#warnings = [`the server does not answer INFO (${failureKind(error)}): its memory cannot be watched`]
    })
    await this.probe()
    await inspected
    this.#lastError = 'none'
    this.#log.info({ shard: this.#name, warnings: this.#warnings }, 'shard connected')
  }

  #lose(): void {
    this.#probed = false
    this.serverClock.forget()
  }

  #fail(why: string): void {
    if (why !== this.#lastError && !this.#closed) this.#log.warn({ shard: this.#name, why }, 'shard connection failed')
    this.#lastError = why
  }
}
