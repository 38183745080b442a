import type { OpenLine } from './open-line.ts'
import { isTrackingNearlyFull, type ServerFacts, UNKNOWN_FACTS } from './server-facts.ts'

/** INFO costs a server a hundred times what a GET does. */
const BEATS_PER_INSPECTION = 10

const TRACKING_NEARLY_FULL =
  'its tracking table is nearly full, so that new near entries live no longer than their bound; raise tracking-table-max-keys'

/** What the server of a shard tells of itself, asked with some of the heartbeats. */
export class Inspection {
  #facts: ServerFacts = UNKNOWN_FACTS
  #beats = 0

  get facts(): ServerFacts {
    return this.#facts
  }

  /** Whether the server has room to track what is kept near; what waits for a lease is tracked in any case. */
  get mayTrack(): boolean {
    return !isTrackingNearlyFull(this.#facts)
  }

  /** What an operator should know about the server. */
  get warnings(): readonly string[] {
    const { warnings } = this.#facts
    return this.mayTrack ? warnings : [...warnings, TRACKING_NEARLY_FULL]
  }

  /** To be called with each answered heartbeat. */
  heard(open: OpenLine): void {
    if (this.#beats % BEATS_PER_INSPECTION === 0) void this.#inspect(open)
    this.#beats += 1
  }

  async #inspect({ line }: OpenLine): Promise<void> {
    this.#facts = await line.inspect().catch(() => this.#facts)
  }
}
