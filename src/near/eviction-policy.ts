/**
 * Which entry leaves when room is needed. It keeps its own order over the resident records and nothing else: the index,
 * the byte bound and the statistics are the cache's, which calls
 * - for a newcomer: `admit`, then `reserve`, then `evict` as often as room is needed, then `add`;
 * - for each read that finds an entry: `hit`;
 * - when an entry is replaced: `leave`, and `add` for the record that stands for it from then on;
 * - when an entry leaves for any other reason but `evict`: `leave` and `remember`.
 */
export interface EvictionPolicy {
  /**
   * The marks with which a newcomer is to be added; `undefined` refuses it.
   * `bytes`: what it will take; `short`: whether others have to make room for it.
   */
  admit(hash: number, bytes: number, short: boolean): number | undefined
  /** Whether it remembers that the key left lately, or has no need to. */
  wants(hash: number): boolean
  /** Finds the space to keep one record more; false when that is impossible. */
  reserve(): boolean
  add(ref: number): void
  hit(ref: number): void
  /** Takes the record out of its order. */
  leave(ref: number): void
  /** The entry of the record has left before its time. */
  remember(ref: number): void
  /**
   * Takes out the next to go; 0 only when nothing is resident.
   * `marks`, `bytes`: of the newcomer for whom the room is; `now`: to prefer the expired.
   */
  evict(marks: number, bytes: number, now: number): number
}
