/** Who waits for the next change of a key. */
export class Wakes {
  readonly #byKey = new Map<string, Set<() => void>>()

  add(key: string, wake: () => void): () => void {
    const waiting = this.#byKey.get(key) ?? new Set()
    this.#byKey.set(key, waiting)
    waiting.add(wake)
    return () => {
      waiting.delete(wake)
      if (waiting.size === 0 && this.#byKey.get(key) === waiting) this.#byKey.delete(key)
    }
  }

  wake(key: string): void {
    for (const wake of this.#byKey.get(key) ?? []) wake()
  }

  wakeAll(): void {
    for (const waiting of [...this.#byKey.values()]) for (const wake of [...waiting]) wake()
  }
}
