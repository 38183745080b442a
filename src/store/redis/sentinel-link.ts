import type { Redis } from 'ioredis'
import type { Chance } from '../../base/chance.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { redialMs } from '../redial.ts'
import { connectRedis, openRedis, silenceAfter } from './redis-connection.ts'

export interface SentinelLinkOptions {
  readonly url: string
  /** Without secrets. */
  readonly name: string
  /** How long a Sentinel has for an answer. */
  readonly timeoutMs: number
}

export interface SentinelLinkParts {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** How many sidecars dial the Sentinel, as far as is known. */
  readonly fleet: () => number
  /** Something has happened to a server that it watches. */
  readonly onEvent: (event: SentinelEvent) => void
  /** It can be asked, after it could not be. */
  readonly onOpen: () => void
}

/** What a Sentinel has published, such as `+switch-master` and `b 10.0.0.1 6379 10.0.0.2 6379`. */
export interface SentinelEvent {
  readonly name: string
  readonly text: string
}

/** What may change who is primary and who may be read. */
const EVENTS = ['+switch-master', '+convert-to-slave', '+slave', '+sdown', '-sdown', '+reboot']

interface Pair {
  readonly asks: Redis
  readonly hears: Redis
}

/** One Sentinel: a connection on which it is asked, and one on which it tells; one is not kept without the other. */
export class SentinelLink {
  readonly name: string
  readonly #options: SentinelLinkOptions
  readonly #parts: SentinelLinkParts
  #pair: Pair | undefined
  #open = false
  #timer: Timer | undefined
  #attempts = 0
  #why = 'not connected yet'
  #closed = false

  constructor(options: SentinelLinkOptions, parts: SentinelLinkParts) {
    this.name = options.name
    this.#options = options
    this.#parts = parts
  }

  /** Why it cannot be asked. */
  get why(): string {
    return this.#why
  }

  /** The connection on which it is asked, while it stands; a command on it fails in time. */
  get asks(): Redis | undefined {
    return this.#open ? this.#pair?.asks : undefined
  }

  /** Resolves after the first attempt to reach it; further attempts follow by themselves. */
  async start(): Promise<void> {
    const { url, timeoutMs } = this.#options
    const silenceMs = silenceAfter(timeoutMs)
    this.#attempts += 1
    const pair: Pair = {
      asks: openRedis({ url, silenceMs, answersWithinMs: timeoutMs }),
      hears: openRedis({ url, silenceMs, mayBeSilent: true }),
    }
    this.#pair = pair
    const overdue = this.#parts.clock.after(silenceMs, () => this.#leave(pair, 'no answer while connecting'))
    try {
      pair.hears.on('message', (name: string, text: string) => this.#parts.onEvent({ name, text }))
      await Promise.all([
        connectRedis(pair.asks, (why) => this.#leave(pair, why)),
        connectRedis(pair.hears, (why) => this.#leave(pair, why)),
      ])
      await pair.hears.subscribe(...EVENTS)
      overdue.cancel()
      if (this.#pair !== pair) return
      this.#open = true
      this.#attempts = 0
      this.#parts.onOpen()
    } catch (error) {
      overdue.cancel()
      this.#leave(pair, error instanceof Error ? error.message : String(error))
    }
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    if (this.#pair !== undefined) this.#leave(this.#pair, 'closed')
  }

  #leave(pair: Pair, why: string): void {
    if (this.#pair !== pair) return
    this.#pair = undefined
    this.#open = false
    pair.asks.disconnect()
    pair.hears.disconnect()
    if (this.#closed) return
    const { log, clock, chance, fleet } = this.#parts
    if (why !== this.#why) log.warn({ sentinel: this.name, why }, 'Sentinel out of reach')
    this.#why = why
    this.#timer = clock.after(redialMs(this.#attempts, fleet(), chance), () => void this.start())
  }
}
