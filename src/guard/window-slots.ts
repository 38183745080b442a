import type { Clock } from '../base/clock.ts'

/** A window of time moves on by a tenth of itself at a time. */
export const WINDOW_SLOTS = 10

/** Tells how many slots of a moving window have passed, when it is asked: no timer runs for it. */
export class WindowSlots {
  readonly #clock: Clock
  readonly #slotMs: number
  #slot: number

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#slotMs = windowMs / WINDOW_SLOTS
    this.#slot = this.#current()
  }

  /** Slots that have begun since the last time it was asked; `WINDOW_SLOTS` stands for that many or more. */
  passed(): number {
    const current = this.#current()
    const passed = current - this.#slot
    this.#slot = current
    return Math.min(passed, WINDOW_SLOTS)
  }

  #current(): number {
    return Math.floor(this.#clock.now() / this.#slotMs)
  }
}
