import type { Clock, Timer } from '../../base/clock.ts'

interface Expiring {
  /** Monotonic ms; `Infinity` = never. */
  readonly expiresAt: number
}

/**
 * Tells which of many have expired, with one timer for all: it is set for the earliest, and is left alone when that one is
 * over in time, as nearly all are.
 */
export class Deadlines<Kind extends Expiring> {
  readonly #clock: Clock
  readonly #open = new Set<Kind>()
  readonly #expire: (one: Kind) => void
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, expire: (one: Kind) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  get open(): ReadonlySet<Kind> {
    return this.#open
  }

  add(one: Kind): void {
    this.#open.add(one)
    if (one.expiresAt < this.#timerAt) this.#set(one.expiresAt)
  }

  delete(one: Kind): void {
    this.#open.delete(one)
  }

  close(): void {
    this.#timer?.cancel()
  }

  #set(at: number): void {
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#clock.after(at - this.#clock.now(), () => this.#pass())
  }

  #pass(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    for (const one of [...this.#open]) if (one.expiresAt <= now) this.#expire(one)
    let next = Number.POSITIVE_INFINITY
    for (const { expiresAt } of this.#open) next = Math.min(next, expiresAt)
    if (next < this.#timerAt) this.#set(next)
  }
}
