import type { Slot } from './slot.ts'

/**
 * Which entry leaves when room is needed. It keeps its own order over the resident slots and nothing else: the index,
 * the byte bound and the statistics are the cache's, which calls
 * - for a newcomer: `admits`, then `evict` as often as room is needed, then `add`;
 * - for each read that finds an entry: `hit`;
 * - when an entry's content was replaced: `resized`, after `slot.entry` and `slot.bytes` have changed;
 * - when an entry leaves for any reason but `evict`: `remove`.
 */
export interface EvictionPolicy {
  /** False refuses the newcomer, which is then not resident. */
  admits(slot: Slot): boolean
  add(slot: Slot): void
  hit(slot: Slot): void
  resized(slot: Slot, bytesBefore: number): void
  remove(slot: Slot): void
  /**
   * Takes out the next to go; `undefined` only when nothing is resident.
   * `newcomer`: for whom the room is, `undefined` for an entry that is resident already; `now`: to prefer the expired.
   */
  evict(newcomer: Slot | undefined, now: number): Slot | undefined
  clear(): void
}
