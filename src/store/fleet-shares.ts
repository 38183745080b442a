import { type Clock, pause } from '../base/clock.ts'
import type { FleetShare, FleetShareStats } from './fleet-share.ts'

/** Longer than this no start waits for shares. */
const START_MOST_MS = 10_000
const LOOK_EVERY_MS = 25

/** This sidecar's shares of all its origins. None where each sidecar counts for itself. */
export class FleetShares {
  readonly #clock: Clock
  readonly #shares = new Map<string, FleetShare>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(origin: string, share: FleetShare): void {
    this.#shares.set(origin, share)
  }

  get stats(): readonly FleetShareStats[] {
    return [...this.#shares.values()].map((share) => share.stats)
  }

  /** A heartbeat leaves for a shard. */
  readonly beat = (shard: string): void => {
    for (const share of this.#shares.values()) share.beat(shard)
  }

  /** Somebody waits for a place at an origin. */
  readonly press = (origin: string): void => {
    this.#shares.get(origin)?.press()
  }

  /** Resolves when every origin may be asked, as far as that is only a matter of time; to be called once shards have started. */
  async start(): Promise<void> {
    const shares = [...this.#shares.values()]
    const giveUpAt = this.#clock.now() + START_MOST_MS
    await Promise.all(shares.map((share) => share.start()))
    while (shares.some((share) => !share.isOpen) && this.#clock.now() < giveUpAt) {
      await pause(this.#clock, LOOK_EVERY_MS)
    }
  }

  /** Gives back what was lent; to be called once the origins have nothing to do any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#shares.values()].map((share) => share.close()))
  }
}
