import type { EvictionPolicy } from './eviction-policy.ts'
import type { Slot } from './slot.ts'

/** Soonest to expire first: a binary heap over `expiresAt`, in which `slot.place` is the slot's index. */
export class SoonestExpiry implements EvictionPolicy {
  readonly #heap: Slot[] = []

  admits(): boolean {
    return true
  }

  add(slot: Slot): void {
    this.#heap.push(slot)
    this.#rise(slot, this.#heap.length - 1)
  }

  hit(): void {}

  resized(slot: Slot): void {
    this.#rise(slot, slot.place)
    this.#sink(slot, slot.place)
  }

  remove(slot: Slot): void {
    const last = this.#heap.pop()!
    if (last === slot) return
    this.#rise(last, slot.place)
    this.#sink(last, last.place)
  }

  evict(): Slot | undefined {
    const victim = this.#heap[0]
    if (victim !== undefined) this.remove(victim)
    return victim
  }

  clear(): void {
    this.#heap.length = 0
  }

  #rise(slot: Slot, from: number): void {
    let at = from
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1]!
      if (parent.entry.expiresAt <= slot.entry.expiresAt) break
      this.#place(parent, at)
      at = (at - 1) >> 1
    }
    this.#place(slot, at)
  }

  #sink(slot: Slot, from: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#heap.length) break
      const sooner = left + 1 < this.#heap.length && this.#expiryOf(left + 1) < this.#expiryOf(left) ? left + 1 : left
      if (slot.entry.expiresAt <= this.#expiryOf(sooner)) break
      this.#place(this.#heap[sooner]!, at)
      at = sooner
    }
    this.#place(slot, at)
  }

  #expiryOf(at: number): number {
    return this.#heap[at]!.entry.expiresAt
  }

  #place(slot: Slot, at: number): void {
    this.#heap[at] = slot
    slot.place = at
  }
}
