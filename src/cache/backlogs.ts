import type { Clock, Timer } from '../base/clock.ts'
import type { Shard } from '../store/shard.ts'
import { BacklogFlusher, type BacklogStats, type FlusherOptions, type FlusherParts } from './backlog-flusher.ts'
import type { FlushResult } from './flush-round.ts'

export interface BacklogsParts extends Omit<FlusherParts, 'shard'> {
  readonly shards: () => readonly Shard[]
  readonly clock: Clock
}

/** How often one looks whether there are other shards. */
const LOOK_MS = 1_000

/** The backlogs of all shards, as far as this sidecar has a part in flushing them. Shards may come and go. */
export class Backlogs {
  readonly #options: FlusherOptions
  readonly #parts: BacklogsParts
  readonly #flushers = new Map<Shard, BacklogFlusher>()
  #timer: Timer | undefined

  constructor(options: FlusherOptions, parts: BacklogsParts) {
    this.#options = options
    this.#parts = parts
  }

  start(): void {
    const shards = this.#parts.shards()
    for (const [shard, flusher] of this.#flushers) {
      if (shards.includes(shard)) continue
      this.#flushers.delete(shard)
      void flusher.drain(this.#parts.clock.now())
    }
    for (const shard of shards) {
      if (this.#flushers.has(shard)) continue
      const flusher = new BacklogFlusher(this.#options, { ...this.#parts, shard })
      this.#flushers.set(shard, flusher)
      flusher.start()
    }
    this.#timer = this.#parts.clock.after(LOOK_MS, () => this.start())
  }

  /** Flushes what this sidecar is the one to flush, within that time, and hands the rest on to others. */
  async drain(withinMs: number): Promise<void> {
    this.#timer?.cancel()
    const deadlineAt = this.#parts.clock.now() + withinMs
    await Promise.all([...this.#flushers.values()].map((flusher) => flusher.drain(deadlineAt)))
  }

  stats(): { readonly shards: readonly BacklogStats[]; readonly keys: Readonly<Record<FlushResult, number>> } {
    const keys = this.#parts.round.results
    return { shards: [...this.#flushers.values()].map(({ stats }) => stats), keys }
  }
}
