import type { Chance } from '../../base/chance.ts'

const BASE_MS = 50
const FACTOR = 2
const MOST_MS = 5_000
/** Of the wait, more or less: so that clients that lost one server do not come back as one. */
const JITTER = 0.2

/** How long to wait before the next attempt to connect (gRPC Connection Backoff Protocol, with shorter times). */
export class Backoff {
  readonly #chance: Chance
  #failures = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** Counts a failure; the milliseconds to wait now. */
  failed(): number {
    const delayMs = Math.min(MOST_MS, BASE_MS * FACTOR ** this.#failures)
    this.#failures += 1
    return delayMs * (1 - JITTER + 2 * JITTER * this.#chance.uniform())
  }

  succeeded(): void {
    this.#failures = 0
  }
}
