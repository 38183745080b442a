import type { EvictionPolicy } from './eviction-policy.ts'
import { NEWER, OLDER } from './record.ts'
import { RecordQueue } from './record-queue.ts'
import type { Records } from './records.ts'

/** Least recently used first; a `put` is a use. */
export class Lru implements EvictionPolicy {
  readonly #recency: RecordQueue

  constructor(records: Records) {
    this.#recency = new RecordQueue(records, NEWER, OLDER)
  }

  admit(): number {
    return 0
  }

  wants(): boolean {
    return true
  }

  reserve(): boolean {
    return true
  }

  add(ref: number): void {
    this.#recency.add(ref)
  }

  hit(ref: number): void {
    if (ref === this.#recency.newest) return
    this.#recency.remove(ref)
    this.#recency.add(ref)
  }

  leave(ref: number): void {
    this.#recency.remove(ref)
  }

  remember(): void {}

  evict(): number {
    const victim = this.#recency.oldest
    if (victim !== 0) this.#recency.remove(victim)
    return victim
  }
}
