import { Cluster } from 'ioredis'
import type { Chance } from '../../base/chance.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { SLOTS } from './key-slot.ts'

export interface ClusterMapOptions {
  /** Some of the nodes: `redis://` or `rediss://` (TLS). User and password of the first are those of all nodes. */
  readonly seeds: readonly string[]
  /** Deadline of one question, in ms. */
  readonly timeoutMs: number
}

export interface ClusterMapParts {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** The map has been read anew. */
  readonly onRead: () => void
}

/** Nobody need have been sent elsewhere: a slot that is rarely asked for moves too. On average; spread by half. */
const READ_EVERY_MS = 5_000
/** A cluster that redirects everything is not asked for its map with each redirection. */
const READ_GAP_MS = 100
const REDIS_PORT = 6_379
/** As long as the first attempt may take on a network that swallows packets. */
const SLOWEST_CONNECT_MS = 2_000

/** Which node of a Redis Cluster owns which slot, as one of its nodes told last. */
export class ClusterMap {
  readonly #options: ClusterMapOptions
  readonly #parts: ClusterMapParts
  readonly #cluster: Cluster
  #timer: Timer | undefined
  #reading: Promise<void> | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #why = 'not asked yet'
  #closed = false

  constructor(options: ClusterMapOptions, parts: ClusterMapParts) {
    this.#options = options
    this.#parts = parts
    const { seeds, timeoutMs } = options
    const { clock, chance } = parts
    const urls = seeds.map((seed) => new URL(seed))
    const { username, password, protocol } = urls[0] as URL
    this.#cluster = new Cluster(
      urls.map(({ hostname, port }) => ({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || REDIS_PORT) })),
      {
        lazyConnect: true,
        enableOfflineQueue: false,
        // It asks for CLUSTER INFO, and an answer that not all slots are served would hide those that are.
        enableReadyCheck: false,
        slotsRefreshTimeout: Math.max(timeoutMs, SLOWEST_CONNECT_MS),
        // Nodes that are known are forgotten when none can be reached, and the seeds are asked again.
        clusterRetryStrategy: () => READ_GAP_MS * (1 + chance.uniform()),
        redisOptions: {
          connectionName: 'ringside',
          connectTimeout: SLOWEST_CONNECT_MS,
          ...(username === '' ? {} : { username: decodeURIComponent(username) }),
          ...(password === '' ? {} : { password: decodeURIComponent(password) }),
          ...(protocol === 'rediss:' ? { tls: {} } : {}),
        },
      },
    )
    this.#cluster.on('refresh', () => {
      this.#readAt = clock.now()
      this.#why = 'none'
      parts.onRead()
    })
    this.#cluster.on('error', (error: Error) => this.#fail(error.message))
    this.#cluster.on('node error', (error: Error) => this.#fail(error.message))
  }

  /** `host:port` of the master of each slot; `undefined` where none is known. */
  get owners(): readonly (string | undefined)[] {
    const { slots } = this.#cluster
    return Array.from({ length: SLOTS }, (_, slot) => slots[slot]?.[0])
  }

  /** Resolves after the first attempt; further ones follow by themselves. Never rejects. */
  async start(): Promise<void> {
    await this.#cluster.connect().catch((error: Error) => this.#fail(error.message))
    this.#readLater()
  }

  /** Resolves when it has been read anew, or that was tried. Never rejects. */
  read(): Promise<void> {
    const { clock } = this.#parts
    if (this.#closed || clock.now() - this.#readAt < READ_GAP_MS) return Promise.resolve()
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#cluster.disconnect()
  }

  #read(): Promise<void> {
    return new Promise((resolve) => {
      // Some of its failures leave the question without an answer.
      const timer = this.#parts.clock.after(this.#options.timeoutMs + SLOWEST_CONNECT_MS, resolve)
      this.#cluster.refreshSlotsCache((error) => {
        timer.cancel()
        if (error) this.#fail(error.message)
        resolve()
      })
    })
  }

  #readLater(): void {
    if (this.#closed) return
    const { clock, chance } = this.#parts
    this.#timer = clock.after(READ_EVERY_MS * (0.5 + chance.uniform()), () => {
      void this.read().then(() => this.#readLater())
    })
  }

  #fail(why: string): void {
    if (why === this.#why || this.#closed) return
    this.#why = why
    this.#parts.log.warn({ why }, 'cluster: map of slots not read')
  }
}
