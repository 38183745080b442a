import type { Chance } from '../base/chance.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Epoch } from './epoch.ts'
import type { Line, Server } from './line.ts'
import type { ResultOf } from './operations.ts'
import type { OwnBeats } from './own-beats.ts'
import { redialMs } from './redial.ts'

export interface ReplicaOptions {
  readonly shard: string
  /** Which of the shard's replicas it is, for logs and metrics. */
  readonly name: string
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
  readonly heartbeatMs: number
}

export interface ReplicaParts {
  readonly server: Server
  readonly beats: OwnBeats
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** How many sidecars dial the server, as far as is known. */
  readonly fleet: () => number
}

/** A replica's answer, and the own heartbeat up to which it has replicated. */
export interface ReplicaAnswer {
  readonly record: ResultOf<'stamped'>['record']
  readonly epoch: Epoch
  readonly stamp: number
  /** When that heartbeat was sent: everything that was done before it is in the answer. */
  readonly asOf: number
  readonly sentAt: number
}

/**
 * A replica of a shard, which may lag. It is believed as far as its stamp goes: the newest own heartbeat whose stamp it
 * has replicated stands for the moment at which that was sent. One whose stamp is unknown is not asked.
 */
export class Replica {
  readonly name: string
  readonly #options: ReplicaOptions
  readonly #parts: ReplicaParts
  #line: Line | undefined
  #timer: Timer | undefined
  #asOf = Number.NEGATIVE_INFINITY
  #inFlight = 0
  #attempts = 0
  #closed = false

  constructor(options: ReplicaOptions, parts: ReplicaParts) {
    this.name = options.name
    this.#options = options
    this.#parts = parts
  }

  /** Requests that have not been answered. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** How far it is known to have come; `-Infinity` while it cannot be asked. */
  get asOf(): number {
    return this.#line === undefined ? Number.NEGATIVE_INFINITY : this.#asOf
  }

  get server(): Server {
    return this.#parts.server
  }

  /** Resolves after the first attempt to reach it; further attempts follow by themselves. */
  async start(): Promise<void> {
    const { server, log } = this.#parts
    this.#attempts += 1
    try {
      const line: Line = await server.dial(() => {
        if (this.#line === line) this.#lose()
      })
      if (this.#closed) return line.close()
      this.#line = line
      this.#attempts = 0
      await this.#probe()
    } catch (error) {
      const { shard, name: replica } = this.#options
      log.debug({ shard, replica, kind: server.judge(error).kind }, 'replica out of reach')
      if (!this.#closed) this.#dialLater()
    }
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#line?.close()
    this.#parts.server.close()
  }

  /**
   * `undefined` when it has not replicated any own heartbeat of late. Rejects with the line's error; then it counts as out
   * of reach until it has answered the next look.
   */
  async read(key: string): Promise<ReplicaAnswer | undefined> {
    return this.#ask(key)
  }

  async #ask(key: string | undefined): Promise<ReplicaAnswer | undefined> {
    const line = this.#line
    if (line === undefined) return undefined
    this.#inFlight += 1
    try {
      const { controls } = this.#options
      const { value, sentAt } = await line.send('stamped', { controls, key })
      const asOf = value.life && this.#parts.beats.momentOf(value.life.epoch, value.life.stamp)
      this.#asOf = asOf ?? Number.NEGATIVE_INFINITY
      if (asOf === undefined || value.life === undefined) return undefined
      return { record: value.record, ...value.life, asOf, sentAt }
    } catch (error) {
      this.#asOf = Number.NEGATIVE_INFINITY
      throw error
    } finally {
      this.#inFlight -= 1
    }
  }

  /** Looks once per heartbeat how far it has come. Never rejects: one that does not answer is not asked. */
  async #probe(): Promise<void> {
    const { clock } = this.#parts
    await this.#ask(undefined).catch(() => undefined)
    if (this.#closed || this.#line === undefined) return
    this.#timer = clock.after(this.#options.heartbeatMs, () => void this.#probe())
  }

  #lose(): void {
    this.#line = undefined
    this.#timer?.cancel()
    if (!this.#closed) this.#dialLater()
  }

  #dialLater(): void {
    const { clock, chance, fleet } = this.#parts
    this.#timer = clock.after(redialMs(this.#attempts, fleet(), chance), () => void this.start())
  }
}
