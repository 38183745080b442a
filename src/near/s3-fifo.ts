import type { EvictionPolicy } from './eviction-policy.ts'
import { Ghost } from './ghost.ts'
import { HASH, HITS_LIMIT, HITS_SHIFT, IN_MAIN, MARKS, NEGATIVE, NEWER, OLDER } from './record.ts'
import { RecordQueue } from './record-queue.ts'
import type { Records } from './records.ts'
import type { TableSpace } from './word-table.ts'

const SMALL_SHARE = 0.1
const PROMOTION_HITS = 2
const MOST_HITS = 3
/** Keys remembered per resident entry. */
const GHOST_SHARE = 2
/** A newcomer of up to so many times the mean size displaces others without having been asked for before. */
const FREE_WEIGHT = 32

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
 * - *Size credit*: an entry of k times the mean size needs k times the hits to stay.
 * - *Size credit of newcomers*: where others must make room, one of more than 32 times the mean size gets in only if the
 *   ghost knows it, and the larger it is the more lately: the ghost's age of a key stands for one over its rate, and a
 *   big value is to earn as many hits as the many small ones that go for it. That a newcomer is weighed against all of
 *   its victims together is from Einziger, Eytan, Friedman, Manes: "Lightweight Robust Size Aware Cache Management",
 *   ACM Transactions on Storage 18(3), 2022.
 * - A value that leaves by expiry or by `drop` is remembered as if evicted from small: it did not lose on merit.
 */
export class S3Fifo implements EvictionPolicy {
  readonly #records: Records
  readonly #smallLimit: number
  readonly #small: RecordQueue
  readonly #main: RecordQueue
  readonly #ghost: Ghost
  #smallBytes = 0
  #bytes = 0
  #entries = 0

  constructor(records: Records, space: TableSpace, maxBytes: number) {
    this.#records = records
    this.#smallLimit = maxBytes * SMALL_SHARE
    this.#small = new RecordQueue(records, NEWER, OLDER)
    this.#main = new RecordQueue(records, NEWER, OLDER)
    this.#ghost = new Ghost(records.arena, space)
  }

  admit(hash: number, bytes: number, short: boolean): number | undefined {
    const age = this.#ghost.age(hash)
    const known = age < this.#ghostLimit
    if (known) this.#ghost.forget(hash)
    if (short && this.#exceeds(bytes, known ? age : this.#ghostLimit)) {
      this.#ghost.remember(hash, this.#ghostLimit)
      return undefined
    }
    return known ? IN_MAIN : 0
  }

  wants(hash: number): boolean {
    return this.#ghost.age(hash) < this.#ghostLimit
  }

  reserve(): boolean {
    this.#ghost.reserve(this.#ghostLimit + GHOST_SHARE)
    return true
  }

  add(ref: number): void {
    this.#queueOf(ref).add(ref)
    this.#count(ref, 1)
  }

  hit(ref: number): void {
    const marks = this.#records.int(ref, MARKS)
    if (marks >>> HITS_SHIFT < HITS_LIMIT) this.#records.setInt(ref, MARKS, marks + (1 << HITS_SHIFT))
  }

  leave(ref: number): void {
    this.#queueOf(ref).remove(ref)
    this.#count(ref, -1)
  }

  /** Values only: else a flood of asks for what does not exist would flush what the ghost knows of them. */
  remember(ref: number): void {
    if ((this.#records.int(ref, MARKS) & NEGATIVE) !== 0) return
    this.#ghost.remember(this.#records.int(ref, HASH), this.#ghostLimit)
  }

  evict(marks: number, bytes: number, now: number): number {
    const arriving = (marks & IN_MAIN) === 0 ? bytes : 0
    const crowded = this.#smallBytes + arriving > this.#smallLimit
    const victim = crowded ? this.#evictSmall(now) : this.#evictMain(now)
    // Small has none to give when all that waited there were promoted, and main none while it is empty.
    return victim || this.#evictSmall(now) || this.#evictMain(now)
  }

  /** 0 when all that waited were promoted. */
  #evictSmall(now: number): number {
    for (let ref = this.#small.oldest; ref !== 0; ref = this.#small.oldest) {
      const weight = this.#weightOf(ref)
      this.leave(ref)
      if (this.#records.expiresAt(ref) < now || this.#hits(ref) < PROMOTION_HITS * weight) {
        this.remember(ref)
        return ref
      }
      this.#setHits(ref, 0)
      this.#records.setInt(ref, MARKS, this.#records.int(ref, MARKS) | IN_MAIN)
      this.add(ref)
    }
    return 0
  }

  #evictMain(now: number): number {
    for (let ref = this.#main.oldest; ref !== 0; ref = this.#main.oldest) {
      const weight = this.#weightOf(ref)
      const hits = this.#hits(ref)
      this.leave(ref)
      if (this.#records.expiresAt(ref) < now || hits < weight) return ref
      this.#setHits(ref, Math.min(hits, MOST_HITS * weight) - weight)
      this.add(ref)
    }
    return 0
  }

  /** Whether so many bytes are more than a key may claim that was last seen `age` keys ago. */
  #exceeds(bytes: number, age: number): boolean {
    if (age >= this.#ghostLimit && bytes > this.#smallLimit) return true
    const weight = (bytes * this.#entries) / this.#bytes
    return age * weight > this.#ghostLimit * FREE_WEIGHT
  }

  /** Hits that count as one: how many mean entries the record takes the room of. */
  #weightOf(ref: number): number {
    return Math.max(1, Math.round((this.#records.footprint(ref) * this.#entries) / this.#bytes))
  }

  get #ghostLimit(): number {
    return GHOST_SHARE * this.#entries
  }

  #hits(ref: number): number {
    return this.#records.int(ref, MARKS) >>> HITS_SHIFT
  }

  #setHits(ref: number, hits: number): void {
    const others = this.#records.int(ref, MARKS) & ((1 << HITS_SHIFT) - 1)
    this.#records.setInt(ref, MARKS, (hits << HITS_SHIFT) | others)
  }

  #count(ref: number, sign: 1 | -1): void {
    const bytes = sign * this.#records.footprint(ref)
    this.#bytes += bytes
    this.#entries += sign
    if ((this.#records.int(ref, MARKS) & IN_MAIN) === 0) this.#smallBytes += bytes
  }

  #queueOf(ref: number): RecordQueue {
    return (this.#records.int(ref, MARKS) & IN_MAIN) === 0 ? this.#small : this.#main
  }
}
