import { type Clock, pause } from '../base/clock.ts'
import type { Tier } from './tier.ts'

export interface FlushNoticesParts {
  readonly tier: Pick<Tier, 'shards'>
  readonly clock: Clock
  /** The environment was flushed, by whichever sidecar. */
  readonly onFlushed: () => void
}

const PART = 'flushed'
/** Within so many heartbeats a shard has answered what it is told, and whoever is believed has heard of it. */
const PATIENCE_HEARTBEATS = 2
const LOOKS = 8

/**
 * Tells all sidecars that the environment was flushed. Of what they keep near, and the shards do not tell them any more, they
 * would not hear otherwise.
 */
export class FlushNotices {
  readonly #heartbeatMs: number
  readonly #parts: FlushNoticesParts
  /** What was heard last, by member. */
  readonly #heard = new Map<string, string>()

  constructor(heartbeatMs: number, parts: FlushNoticesParts) {
    this.#heartbeatMs = heartbeatMs
    this.#parts = parts
  }

  /** A heartbeat leaves for a shard. */
  beat(shard: string): void {
    const board = this.#parts.tier.shards.find(({ name }) => name === shard)?.board
    for (const [member, id] of board?.read(PART) ?? []) {
      if (this.#heard.get(member) === id) continue
      this.#heard.set(member, id)
      this.#parts.onFlushed()
    }
  }

  /** Resolves when every sidecar has heard, or is not believed any more. `id`: another each time. */
  async tell(id: string): Promise<void> {
    const { tier, clock, onFlushed } = this.#parts
    const isAnswered = () => tier.shards.every(({ board }) => board.answered(PART) === id)
    onFlushed()
    for (const { board } of tier.shards) board.post(PART, id)
    const patienceMs = PATIENCE_HEARTBEATS * this.#heartbeatMs
    const giveUpAt = clock.now() + patienceMs
    while (!isAnswered() && clock.now() < giveUpAt) await pause(clock, this.#heartbeatMs / LOOKS)
    await pause(clock, patienceMs)
    for (const { board } of tier.shards) board.post(PART, '')
  }
}
