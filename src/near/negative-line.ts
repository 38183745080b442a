import { LinkedQueue } from './linked-queue.ts'
import { NegativeMark, type Slot } from './slot.ts'

/** The resident negative entries in the order of their puts, and the bytes they take. */
export class NegativeLine {
  readonly #line = new LinkedQueue<NegativeMark>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): Slot | undefined {
    return this.#line.oldest?.slot
  }

  /** No-op for a slot that isn't negative. */
  join(slot: Slot): void {
    if (slot.entry.kind !== 'negative') return
    slot.negative = new NegativeMark(slot)
    this.#line.add(slot.negative)
    this.#bytes += slot.bytes
  }

  /** To be called before `slot.bytes` changes. No-op for a slot that isn't in the line. */
  leave(slot: Slot): void {
    if (slot.negative === undefined) return
    this.#line.remove(slot.negative)
    slot.negative = undefined
    this.#bytes -= slot.bytes
  }

  clear(): void {
    this.#line.clear()
    this.#bytes = 0
  }
}
