import type { Trace } from './hit-ratio-trace.ts'

/**
 * Hits of Belady's optimum: on a miss in a full cache the resident key whose next
 * request lies farthest ahead leaves. (Belady: "A study of replacement algorithms for a virtual-storage computer",
 * IBM Systems Journal 5(2), 1966.) Every requested key enters, as in a cache that must hold what it serves.
 */
export function beladyHits({ ids, distinct }: Trace, nextUses: Uint32Array, capacity: number): number {
  const residents = new FarthestFirst(distinct)
  let hits = 0
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at]!
    if (residents.has(id)) hits += 1
    else if (residents.size === capacity) residents.takeFarthest()
    residents.set(id, nextUses[at]!)
  }
  return hits
}

/** For each request the index of the next one of the same key; past the end of the trace when there is none. */
export function nextUsesOf({ ids, distinct }: Trace): Uint32Array {
  const following = new Uint32Array(distinct).fill(ids.length)
  const nextUses = new Uint32Array(ids.length)
  for (let at = ids.length - 1; at >= 0; at -= 1) {
    const id = ids[at]!
    nextUses[at] = following[id]!
    following[id] = at
  }
  return nextUses
}

const ABSENT = 0xffffffff

/** A binary heap of ids by next use, farthest on top, that knows where each id stands. */
class FarthestFirst {
  readonly #heap: Uint32Array
  readonly #places: Uint32Array
  readonly #nextUses: Uint32Array
  size = 0

  constructor(distinct: number) {
    this.#heap = new Uint32Array(distinct)
    this.#places = new Uint32Array(distinct).fill(ABSENT)
    this.#nextUses = new Uint32Array(distinct)
  }

  has(id: number): boolean {
    return this.#places[id] !== ABSENT
  }

  /** Adds the id, or puts its next use off: within a trace that only moves away. */
  set(id: number, nextUse: number): void {
    let at = this.#places[id]!
    if (at === ABSENT) {
      at = this.size
      this.size += 1
    }
    this.#nextUses[id] = nextUse
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1]!
      if (this.#nextUses[parent]! >= nextUse) break
      this.#place(parent, at)
      at = (at - 1) >> 1
    }
    this.#place(id, at)
  }

  takeFarthest(): void {
    this.#places[this.#heap[0]!] = ABSENT
    this.size -= 1
    if (this.size === 0) return
    const last = this.#heap[this.size]!
    const nextUse = this.#nextUses[last]!
    let at = 0
    for (let child = 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && this.#nextUses[this.#heap[child + 1]!]! > this.#nextUses[this.#heap[child]!]!)
        child += 1
      const below = this.#heap[child]!
      if (this.#nextUses[below]! <= nextUse) break
      this.#place(below, at)
      at = child
    }
    this.#place(last, at)
  }

  #place(id: number, at: number): void {
    this.#heap[at] = id
    this.#places[id] = at
  }
}
