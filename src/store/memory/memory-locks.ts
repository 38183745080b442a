/** Locks of a server in process; each ends by itself. */
export class MemoryLocks {
  readonly #until: Map<string, number>

  constructor(until: ReadonlyMap<string, number> = new Map()) {
    this.#until = new Map(until)
  }

  copy(): MemoryLocks {
    return new MemoryLocks(this.#until)
  }

  /** False while another has it. */
  take(key: string, ttlMs: number, nowMs: number): boolean {
    if ((this.#until.get(key) ?? 0) > nowMs) return false
    for (const [other, until] of this.#until) if (until <= nowMs) this.#until.delete(other)
    this.#until.set(key, nowMs + Math.ceil(ttlMs))
    return true
  }
}
