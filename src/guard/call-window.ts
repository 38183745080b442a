import type { Clock } from '../base/clock.ts'
import { WINDOW_SLOTS, WindowSlots } from './window-slots.ts'

interface Slot {
  calls: number
  marked: number
}

/** Counts, in a moving window of time, calls and those among them that are marked: as failed, or as slow. */
export class CallWindow {
  readonly #passage: WindowSlots
  #slots: Slot[] = emptySlots()

  constructor(clock: Clock, windowMs: number) {
    this.#passage = new WindowSlots(clock, windowMs)
  }

  add(isMarked: boolean): void {
    for (let passed = this.#passage.passed(); passed > 0; passed -= 1) {
      this.#slots.pop()
      this.#slots.unshift({ calls: 0, marked: 0 })
    }
    const now = this.#slots[0] as Slot
    now.calls += 1
    if (isMarked) now.marked += 1
  }

  /** Whether at least this share of the calls is marked, of `leastCalls` or more. */
  hasReached(share: number, leastCalls: number): boolean {
    const calls = this.#slots.reduce((sum, slot) => sum + slot.calls, 0)
    const marked = this.#slots.reduce((sum, slot) => sum + slot.marked, 0)
    return calls >= leastCalls && marked / calls >= share
  }

  clear(): void {
    this.#slots = emptySlots()
  }
}

function emptySlots(): Slot[] {
  return Array.from({ length: WINDOW_SLOTS }, () => ({ calls: 0, marked: 0 }))
}
