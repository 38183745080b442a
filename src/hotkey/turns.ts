import type { Chance } from '../base/chance.ts'

/** Keys whose turn is remembered; with more of them all begin anew, which does no harm. */
const MOST_KEYS = 1_024

/**
 * Spreads the reads of a key over the places where it lies: one after another, each key from a start of its own in each
 * process. Few processes that each kept to one place, by a hash of process and key, would leave the places uneven.
 */
export class Turns {
  readonly #chance: Chance
  readonly #next = new Map<string, number>()

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** The place for the next read of a key, from 0 up to `places`, which may change from one read to the next. */
  next(key: string, places: number): number {
    const known = this.#next.get(key)
    if (known === undefined && this.#next.size >= MOST_KEYS) this.#next.clear()
    const turn = known ?? Math.floor(places * this.#chance.uniform())
    this.#next.set(key, (turn + 1) % Number.MAX_SAFE_INTEGER)
    return turn % places
  }
}
