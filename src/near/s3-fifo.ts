import type { EvictionPolicy } from './eviction-policy.ts'
import { Ghost } from './ghost.ts'
import { LinkedQueue } from './linked-queue.ts'
import type { Slot } from './slot.ts'

const SMALL = 0
const MAIN = 1

const SMALL_SHARE = 0.1
const PROMOTION_HITS = 2
const MOST_HITS = 3
/** Keys remembered per resident entry. */
const GHOST_SHARE = 2

/**
 * S3-FIFO: three queues in order of arrival, and reads only count.
 *
 * Most keys of a skewed stream are never asked again, so a newcomer first waits in a *small* queue of a tenth of the
 * bytes. At its end it is promoted to *main* if it was read twice meanwhile; else it leaves, and only its fingerprint
 * is kept in the *ghost*. A key that is loaded again while the ghost remembers it was evicted too early: it enters main
 * at once. At the end of main an entry that was read pays one hit (of at most three) for another round.
 *
 * Yang, Zhang, Qiu, Yue, Vigfusson: "FIFO Queues are All You Need for Cache Eviction", SOSP 2023. Promotion at two hits
 * is the authors' later default. Beyond the paper, which counts entries:
 * - *Size credit*: an entry of k times the mean size needs k times the hits, so that a big value must earn the room of
 *   the many small ones it displaces. With equal sizes this is plain S3-FIFO.
 * - A newcomer larger than the small queue would displace main unseen: when room is short it gets in at its second load.
 * - A value that leaves by expiry or by `drop` is remembered as if evicted from small: it did not lose on merit.
 */
export class S3Fifo implements EvictionPolicy {
  readonly #maxBytes: number
  readonly #smallLimit: number
  readonly #small = new LinkedQueue<Slot>()
  readonly #main = new LinkedQueue<Slot>()
  readonly #ghost = new Ghost()
  #smallBytes = 0
  #bytes = 0
  #entries = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#smallLimit = maxBytes * SMALL_SHARE
  }

  admits(slot: Slot): boolean {
    slot.hits = 0
    slot.place = this.#ghost.take(slot.key, this.#ghostLimit) ? MAIN : SMALL
    if (slot.place === MAIN || slot.bytes <= this.#smallLimit) return true
    if (this.#bytes + slot.bytes <= this.#maxBytes) return true
    this.#remember(slot)
    return false
  }

  add(slot: Slot): void {
    this.#queueOf(slot).add(slot)
    this.#count(slot, slot.bytes)
    this.#entries += 1
  }

  hit(slot: Slot): void {
    slot.hits += 1
  }

  resized(slot: Slot, bytesBefore: number): void {
    this.#count(slot, slot.bytes - bytesBefore)
  }

  remove(slot: Slot): void {
    this.#take(slot)
    this.#remember(slot)
  }

  evict(newcomer: Slot | undefined, now: number): Slot | undefined {
    const arriving = newcomer?.place === SMALL ? newcomer.bytes : 0
    const crowded = this.#smallBytes + arriving > this.#smallLimit
    const victim = crowded ? this.#evictSmall(now) : this.#evictMain(now)
    // Small has none to give when all that waited there were promoted, and main none while it is empty.
    return victim ?? this.#evictSmall(now) ?? this.#evictMain(now)
  }

  clear(): void {
    this.#small.clear()
    this.#main.clear()
    this.#ghost.clear()
    this.#smallBytes = 0
    this.#bytes = 0
    this.#entries = 0
  }

  /** `undefined` when all that waited were promoted. */
  #evictSmall(now: number): Slot | undefined {
    for (let slot = this.#small.oldest; slot !== undefined; slot = this.#small.oldest) {
      const weight = this.#weight(slot)
      this.#take(slot)
      if (slot.entry.expiresAt < now || slot.hits < PROMOTION_HITS * weight) {
        this.#remember(slot)
        return slot
      }
      slot.hits = 0
      slot.place = MAIN
      this.add(slot)
    }
    return undefined
  }

  #evictMain(now: number): Slot | undefined {
    for (let slot = this.#main.oldest; slot !== undefined; slot = this.#main.oldest) {
      const weight = this.#weight(slot)
      this.#take(slot)
      if (slot.entry.expiresAt < now || slot.hits < weight) return slot
      slot.hits = Math.min(slot.hits, MOST_HITS * weight) - weight
      this.add(slot)
    }
    return undefined
  }

  /** Values only: else a flood of asks for what does not exist would flush what the ghost knows of them. */
  #remember(slot: Slot): void {
    if (slot.entry.kind === 'value') this.#ghost.remember(slot.key, this.#ghostLimit)
  }

  /** Hits that count as one: how many mean entries the slot takes the room of. */
  #weight(slot: Slot): number {
    return Math.max(1, Math.round((slot.bytes * this.#entries) / this.#bytes))
  }

  get #ghostLimit(): number {
    return GHOST_SHARE * this.#entries
  }

  #take(slot: Slot): void {
    this.#queueOf(slot).remove(slot)
    this.#count(slot, -slot.bytes)
    this.#entries -= 1
  }

  #count(slot: Slot, bytes: number): void {
    this.#bytes += bytes
    if (slot.place === SMALL) this.#smallBytes += bytes
  }

  #queueOf(slot: Slot): LinkedQueue<Slot> {
    return slot.place === SMALL ? this.#small : this.#main
  }
}
