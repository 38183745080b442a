import type { Links } from './linked-queue.ts'
import type { NearEntry } from './near-cache.ts'

/** A resident entry and what its cache and its eviction policy know of it. */
export class Slot implements Links<Slot> {
  readonly key: string
  /** Replaced whole and never changed, since readers may hold it while a newer one is put. */
  entry: NearEntry
  /** What the entry costs, as `entryBytes` counts it. */
  bytes: number
  previous: Slot | undefined = undefined
  next: Slot | undefined = undefined
  /** For the policy: reads since it last judged the entry. */
  hits = 0
  /** For the policy: where it keeps the entry. */
  place = 0
  /** Its place in the line of negative entries, while it is one. */
  negative: NegativeMark | undefined = undefined

  constructor(key: string, entry: NearEntry, bytes: number) {
    this.key = key
    this.entry = entry
    this.bytes = bytes
  }
}

/** Stands for a slot in the line of negative entries, so that only those pay for a second pair of links. */
export class NegativeMark implements Links<NegativeMark> {
  readonly slot: Slot
  previous: NegativeMark | undefined = undefined
  next: NegativeMark | undefined = undefined

  constructor(slot: Slot) {
    this.slot = slot
  }
}
