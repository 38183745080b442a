import { pause, systemClock } from '../../../src/base/clock.ts'
import { monotonicMs } from '../load/monotonic.ts'
import type { NamedRedis } from './drill-tier.ts'

/** What one shard said of itself at one moment. */
export interface ShardSample {
  readonly at: number
  readonly shard: string
  /** GETs since it was started. */
  readonly gets: number
  /** Copies of hot keys, and leases of such, that lie on it. */
  readonly copies: number
}

const EVERY_MS = 100
const GETS = /^cmdstat_get:calls=(\d+)/m
const COPIES = '*:~c*'

/** Asks shards again and again, until stopped; none where one does not answer in time. */
export class ShardWatch {
  readonly samples: ShardSample[] = []
  readonly #over = new AbortController()
  readonly #watching: Promise<unknown>

  constructor(shards: readonly NamedRedis[]) {
    this.#watching = Promise.all(shards.map((shard) => this.#watch(shard)))
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#watching
  }

  async #watch(shard: NamedRedis): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      // One that is frozen or dead answers when it is back.
      await Promise.race([this.#ask(shard).catch(() => undefined), pause(systemClock, 10 * EVERY_MS)])
      await pause(systemClock, EVERY_MS, signal)
    }
  }

  async #ask({ name, client }: NamedRedis): Promise<void> {
    const [stats, copies] = await Promise.all([client.info('commandstats'), client.keys(COPIES)])
    const gets = Number(GETS.exec(stats)?.[1] ?? 0)
    this.samples.push({ at: monotonicMs(), shard: name, gets, copies: copies.length })
  }
}
