/** Probe keys that were read and written on a tracked line, and when: what is told of them proves its channel. */
export class Probes {
  readonly #prefix: string
  readonly #sent = new Map<string, number>()
  #made = 0

  /** `prefix` makes the names this line's own. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Those that were not heard of. */
  get unheard(): number {
    return this.#sent.size
  }

  next(now: number): string {
    this.#made += 1
    const probe = `${this.#prefix}${this.#made}`
    this.#sent.set(probe, now)
    return probe
  }

  /** When a probe that is heard of was sent. News arrives in order: what was sent before is not to be waited for any more. */
  heard(key: string): number | undefined {
    const sentAt = this.#sent.get(key)
    if (sentAt === undefined) return undefined
    for (const [probe] of this.#sent) {
      this.#sent.delete(probe)
      if (probe === key) break
    }
    return sentAt
  }

  /** One that was not carried out. */
  drop(probe: string): void {
    this.#sent.delete(probe)
  }

  clear(): void {
    this.#sent.clear()
  }
}
