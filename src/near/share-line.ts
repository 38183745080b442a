import { MARKS, READ } from './record.ts'
import { RecordQueue } from './record-queue.ts'
import type { Records } from './records.ts'

/** The records that have a share of the bytes in common, in the order of their puts, and the bytes they take. */
export class ShareLine {
  readonly limit: number
  readonly #records: Records
  readonly #line: RecordQueue
  #bytes = 0

  /** `limit`: in bytes; `newer`, `older`: the words of a record that are the line's. */
  constructor(records: Records, limit: number, newer: number, older: number) {
    this.limit = limit
    this.#records = records
    this.#line = new RecordQueue(records, newer, older)
  }

  /** Whether it must give before something of so many bytes may join. */
  isShortOf(bytes: number): boolean {
    return this.#bytes + bytes > this.limit
  }

  /** 0 when nobody is in the line. */
  get oldest(): number {
    return this.#line.oldest
  }

  /** The oldest that was not read since it was last considered; those that were, go to the end of the line. (CLOCK) */
  leastRead(): number {
    for (let ref = this.#line.oldest; ref !== 0; ref = this.#line.oldest) {
      const marks = this.#records.int(ref, MARKS)
      if ((marks & READ) === 0) return ref
      this.#records.setInt(ref, MARKS, marks & ~READ)
      this.#line.remove(ref)
      this.#line.add(ref)
    }
    return 0
  }

  join(ref: number): void {
    this.#line.add(ref)
    this.#bytes += this.#records.footprint(ref)
  }

  leave(ref: number): void {
    this.#line.remove(ref)
    this.#bytes -= this.#records.footprint(ref)
  }
}
