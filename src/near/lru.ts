import type { EvictionPolicy } from './eviction-policy.ts'
import { LinkedQueue } from './linked-queue.ts'
import type { Slot } from './slot.ts'

/** Least recently used first; a `put` is a use. */
export class Lru implements EvictionPolicy {
  readonly #recency = new LinkedQueue<Slot>()

  admits(): boolean {
    return true
  }

  add(slot: Slot): void {
    this.#recency.add(slot)
  }

  hit(slot: Slot): void {
    if (slot === this.#recency.newest) return
    this.#recency.remove(slot)
    this.#recency.add(slot)
  }

  resized(slot: Slot): void {
    this.hit(slot)
  }

  remove(slot: Slot): void {
    this.#recency.remove(slot)
  }

  evict(): Slot | undefined {
    const victim = this.#recency.oldest
    if (victim !== undefined) this.#recency.remove(victim)
    return victim
  }

  clear(): void {
    this.#recency.clear()
  }
}
