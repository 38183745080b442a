import type { Clock, Timer } from '../base/clock.ts'

/** Moments this close to each other share one timer. */
const SLOT_MS = 10

interface Slot<Item> {
  readonly items: Set<Item>
  readonly timer: Timer
}

/** Reminds of many items at their moments, up to a hundredth of a second late, and costs no timer for each. */
export class Expiries<Item> {
  readonly #clock: Clock
  readonly #onDue: (item: Item) => void
  readonly #slots = new Map<number, Slot<Item>>()
  readonly #slotOf = new Map<Item, number>()

  constructor(clock: Clock, onDue: (item: Item) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** At `at` (monotonic ms) `onDue` runs with the item, once; it must not be here already. */
  add(item: Item, at: number): void {
    const number = Math.ceil(at / SLOT_MS)
    let slot = this.#slots.get(number)
    if (slot === undefined) {
      const timer = this.#clock.after(number * SLOT_MS - this.#clock.now(), () => this.#ring(number))
      slot = { items: new Set(), timer }
      this.#slots.set(number, slot)
    }
    slot.items.add(item)
    this.#slotOf.set(item, number)
  }

  delete(item: Item): void {
    const number = this.#slotOf.get(item)
    const slot = number === undefined ? undefined : this.#slots.get(number)
    if (number === undefined || slot === undefined) return
    this.#slotOf.delete(item)
    slot.items.delete(item)
    if (slot.items.size > 0) return
    slot.timer.cancel()
    this.#slots.delete(number)
  }

  #ring(number: number): void {
    const slot = this.#slots.get(number)
    this.#slots.delete(number)
    for (const item of slot?.items ?? []) {
      this.#slotOf.delete(item)
      this.#onDue(item)
    }
  }
}
