/** Counters of a server in process, each of which only grows. */
export class MemoryNumbers {
  readonly #last: Map<string, number>

  constructor(last: ReadonlyMap<string, number> = new Map()) {
    this.#last = new Map(last)
  }

  copy(): MemoryNumbers {
    return new MemoryNumbers(this.#last)
  }

  /** As in `redis/scripts/next-version.lua`. */
  next(key: string, taken: number): number {
    const number = Math.max(this.#last.get(key) ?? 0, taken) + 1
    this.#last.set(key, number)
    return number
  }
}
