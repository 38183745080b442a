import type { Records } from './records.ts'

/** A first-in-first-out line of records that carry its links, so that joining and leaving anywhere allocate nothing. */
export class RecordQueue {
  readonly #records: Records
  readonly #newer: number
  readonly #older: number
  #newest = 0
  #oldest = 0

  /** `newer`, `older`: the words of a record that are this queue's. */
  constructor(records: Records, newer: number, older: number) {
    this.#records = records
    this.#newer = newer
    this.#older = older
  }

  get newest(): number {
    return this.#newest
  }

  /** 0 when nobody is in the line. */
  get oldest(): number {
    return this.#oldest
  }

  add(ref: number): void {
    this.#records.setInt(ref, this.#newer, 0)
    this.#records.setInt(ref, this.#older, this.#newest)
    if (this.#newest === 0) this.#oldest = ref
    else this.#records.setInt(this.#newest, this.#newer, ref)
    this.#newest = ref
  }

  remove(ref: number): void {
    const newer = this.#records.int(ref, this.#newer)
    const older = this.#records.int(ref, this.#older)
    if (newer === 0) this.#newest = older
    else this.#records.setInt(newer, this.#older, older)
    if (older === 0) this.#oldest = newer
    else this.#records.setInt(older, this.#newer, newer)
  }
}
