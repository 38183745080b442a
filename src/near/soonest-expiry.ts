import type { EvictionPolicy } from './eviction-policy.ts'
import { NEWER } from './record.ts'
import type { Records } from './records.ts'
import { type TableSpace, WordTable } from './word-table.ts'

/** Soonest to expire first: a binary heap over `expiresAt`, in which each record knows its place. */
export class SoonestExpiry implements EvictionPolicy {
  readonly #records: Records
  readonly #heap: WordTable
  #size = 0

  constructor(records: Records, space: TableSpace) {
    this.#records = records
    this.#heap = new WordTable(records.arena, space)
  }

  admit(): number {
    return 0
  }

  wants(): boolean {
    return true
  }

  reserve(): boolean {
    this.#heap.trim(this.#size + 1)
    return this.#heap.reserve(this.#size + 1)
  }

  add(ref: number): void {
    this.#size += 1
    this.#rise(ref, this.#size - 1)
  }

  hit(): void {}

  leave(ref: number): void {
    this.#size -= 1
    const last = this.#heap.at(this.#size)
    if (last === ref) return
    this.#rise(last, this.#records.int(ref, NEWER))
    this.#sink(last, this.#records.int(last, NEWER))
  }

  remember(): void {}

  evict(): number {
    if (this.#size === 0) return 0
    const victim = this.#heap.at(0)
    this.leave(victim)
    return victim
  }

  #rise(ref: number, from: number): void {
    const expiresAt = this.#records.expiresAt(ref)
    let at = from
    while (at > 0) {
      const parent = this.#heap.at((at - 1) >> 1)
      if (this.#records.expiresAt(parent) <= expiresAt) break
      this.#place(parent, at)
      at = (at - 1) >> 1
    }
    this.#place(ref, at)
  }

  #sink(ref: number, from: number): void {
    const expiresAt = this.#records.expiresAt(ref)
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#size) break
      const sooner = left + 1 < this.#size && this.#expiryAt(left + 1) < this.#expiryAt(left) ? left + 1 : left
      if (expiresAt <= this.#expiryAt(sooner)) break
      this.#place(this.#heap.at(sooner), at)
      at = sooner
    }
    this.#place(ref, at)
  }

  #expiryAt(at: number): number {
    return this.#records.expiresAt(this.#heap.at(at))
  }

  #place(ref: number, at: number): void {
    this.#heap.set(at, ref)
    this.#records.setInt(ref, NEWER, at)
  }
}
