import type { Arena } from './arena.ts'

/**
 * Finds blocks for tables. What tables need grows with the number of entries, so when many small entries follow few large
 * ones, a cache that is full has to turn memory of entries into memory of tables: where no block is free, all entries of
 * one stretch of the arena leave, each time of the next stretch.
 */
export class SpaceFinder {
  readonly #arena: Arena
  readonly #evict: (ref: number) => void
  #cursor = 0

  constructor(arena: Arena, evict: (ref: number) => void) {
    this.#arena = arena
    this.#evict = evict
  }

  /** A block of the order; 0 when nothing but tables is left. */
  find(order: number): number {
    const free = this.#arena.takeTable(order)
    if (free !== 0) return free
    const windows = this.#arena.granules >> order
    for (let tried = 1; tried < windows; tried += 1) {
      this.#cursor = (this.#cursor + 1) % windows
      if (this.#cursor === 0 || !this.#vacate(this.#cursor << order, order)) continue
      const vacated = this.#arena.takeTable(order)
      if (vacated !== 0) return vacated
    }
    return 0
  }

  #vacate(start: number, order: number): boolean {
    const occupants = this.#arena.occupantsOf(start, order)
    for (const occupant of occupants ?? []) this.#evict(occupant)
    return occupants !== undefined
  }
}
