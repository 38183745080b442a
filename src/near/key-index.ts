import type { KeyText } from '../base/key-text.ts'
import { CHAINED, HASH } from './record.ts'
import type { Records } from './records.ts'
import { type TableSpace, WordTable } from './word-table.ts'

const FEWEST_BUCKETS = 16

/**
 * Finds records by key: a hash table that grows and shrinks by one bucket at a time, so that it never stops the process
 * to rehash. A record carries its hash and the link to the next one of its bucket; a bucket is one word.
 *
 * Linear hashing. (Litwin: "Linear hashing: a new tool for file and table addressing", VLDB 1980; Larson: "Dynamic hash
 * tables", CACM 31(4), 1988.)
 */
export class KeyIndex {
  readonly #records: Records
  readonly #buckets: WordTable
  #count = 0
  #entries = 0

  constructor(records: Records, space: TableSpace) {
    this.#records = records
    this.#buckets = new WordTable(records.arena, space)
  }

  /** The record of the key, 0 when there is none. */
  find(hash: number, key: string): number {
    if (this.#count === 0) return 0
    const records = this.#records
    let ref = this.#buckets.at(this.#bucketOf(hash))
    while (ref !== 0 && !(records.int(ref, HASH) === hash && records.keyIs(ref, key))) ref = records.int(ref, CHAINED)
    return ref
  }

  /** The same for a key in two pieces. */
  findText(hash: number, key: KeyText): number {
    if (this.#count === 0) return 0
    const records = this.#records
    let ref = this.#buckets.at(this.#bucketOf(hash))
    while (ref !== 0 && !(records.int(ref, HASH) === hash && records.keyIsText(ref, key))) {
      ref = records.int(ref, CHAINED)
    }
    return ref
  }

  /** To be called before `add`: one bucket for each record, while there is space for that. False: `add` is impossible. */
  reserve(): boolean {
    if (this.#count === 0) return this.#begin()
    if (this.#entries >= this.#count && this.#buckets.reserve(this.#count + 1)) this.#split()
    return true
  }

  add(ref: number): void {
    const bucket = this.#bucketOf(this.#records.int(ref, HASH))
    this.#push(bucket, ref)
    this.#entries += 1
  }

  remove(ref: number): void {
    const bucket = this.#bucketOf(this.#records.int(ref, HASH))
    const next = this.#records.int(ref, CHAINED)
    let at = this.#buckets.at(bucket)
    if (at === ref) {
      this.#buckets.set(bucket, next)
    } else {
      while (this.#records.int(at, CHAINED) !== ref) at = this.#records.int(at, CHAINED)
      this.#records.setInt(at, CHAINED, next)
    }
    this.#entries -= 1
    if (this.#entries * 2 < this.#count && this.#count > FEWEST_BUCKETS) this.#merge()
  }

  #begin(): boolean {
    if (!this.#buckets.reserve(FEWEST_BUCKETS)) return false
    for (let bucket = 0; bucket < FEWEST_BUCKETS; bucket += 1) this.#buckets.set(bucket, 0)
    this.#count = FEWEST_BUCKETS
    return true
  }

  /** Adds a bucket and moves to it what belongs there from the one it was addressed to before. */
  #split(): void {
    const added = this.#count
    const from = added - (1 << (31 - Math.clz32(added)))
    let ref = this.#buckets.at(from)
    this.#count += 1
    this.#buckets.set(from, 0)
    this.#buckets.set(added, 0)
    while (ref !== 0) {
      const next = this.#records.int(ref, CHAINED)
      this.#push(this.#bucketOf(this.#records.int(ref, HASH)), ref)
      ref = next
    }
  }

  /** Undoes a split. */
  #merge(): void {
    let ref = this.#buckets.at(this.#count - 1)
    this.#count -= 1
    while (ref !== 0) {
      const next = this.#records.int(ref, CHAINED)
      this.#push(this.#bucketOf(this.#records.int(ref, HASH)), ref)
      ref = next
    }
    this.#buckets.trim(this.#count)
  }

  #push(bucket: number, ref: number): void {
    this.#records.setInt(ref, CHAINED, this.#buckets.at(bucket))
    this.#buckets.set(bucket, ref)
  }

  /** By as many low bits as there are buckets for, by one fewer where that bucket isn't there yet. */
  #bucketOf(hash: number): number {
    const half = 1 << (31 - Math.clz32(this.#count))
    const bucket = hash & (2 * half - 1)
    return bucket < this.#count ? bucket : bucket - half
  }
}
