/** Probe keys that were read and written on a tracked line, and when: what is told of them proves its channel. */
export class Probes {
  readonly #prefix: string
  readonly #sent = new Map<string, number>()
  #made = 0
  #heardAt = Number.NEGATIVE_INFINITY
  #answeredAt = Number.NEGATIVE_INFINITY

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

  /**
   * Up to when the channel is drained: a probe that was sent then has been heard of, and what its heartbeat was answered
   * has been taken in. One without the other would vouch for what the answer takes back. `answeredAt`: when the heartbeat
   * was sent that has just been answered.
   */
  provenAt(answeredAt = this.#answeredAt): number {
    this.#answeredAt = answeredAt
    return Math.min(this.#heardAt, answeredAt)
  }

  /** Whether this is a probe. News arrives in order: what was sent before is not to be waited for any more. */
  heard(key: string): boolean {
    const sentAt = this.#sent.get(key)
    if (sentAt === undefined) return false
    for (const [probe] of this.#sent) {
      this.#sent.delete(probe)
      if (probe === key) break
    }
    this.#heardAt = sentAt
    return true
  }

  /** One that was not carried out. */
  drop(probe: string): void {
    this.#sent.delete(probe)
  }

  clear(): void {
    this.#sent.clear()
    this.#heardAt = Number.NEGATIVE_INFINITY
    this.#answeredAt = Number.NEGATIVE_INFINITY
  }
}
