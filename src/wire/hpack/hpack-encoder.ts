import { fieldBytes } from './dynamic-table.ts'
import { FieldIndex } from './field-index.ts'
import { indexingOf } from './indexing.ts'
import { INTEGER_BYTES, writeInteger } from './integer.ts'
import { RecentFields } from './recent-fields.ts'
import { stringBound, writePlain, writeShortest } from './string-literal.ts'

/** What a peer's table has until its settings say otherwise. (RFC 9113, 6.5.2) */
const INITIAL_TABLE_BYTES = 4_096

const INDEXED = 0x80
const INDEXED_MASK = 0x7f
const WITH_INDEXING = 0x40
const WITH_INDEXING_MASK = 0x3f
const UPDATE = 0x20
const UPDATE_MASK = 0x1f
const NEVER_INDEXED = 0x10
const LITERAL_MASK = 0x0f

/**
 * Encodes the header blocks of one direction of one connection, in the order in which they are sent. (RFC 7541, 3)
 *
 * A short field gets an index at once while the table is half empty, else when it comes again: ids that differ from request
 * to request fill half the table once and then stay out of it, so what is said in every block keeps its short index.
 */
export class HpackEncoder {
  /** The most it uses of what the peer allows. */
  readonly #most: number
  readonly #index = new FieldIndex(INITIAL_TABLE_BYTES)
  readonly #recent = new RecentFields()
  #allowed = INITIAL_TABLE_BYTES
  #owesUpdate = false
  #smallest = INITIAL_TABLE_BYTES

  constructor(tableBytes: number = INITIAL_TABLE_BYTES) {
    this.#most = tableBytes
    if (tableBytes < INITIAL_TABLE_BYTES) this.#resize(tableBytes)
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; a size update goes before the next block. (RFC 7541, 4.2; RFC 9113, 4.3.1) */
  limit(tableBytes: number): void {
    const next = Math.min(tableBytes, this.#most)
    // A lower limit is answered even where it changes nothing: the peer may wait for that.
    if (next !== this.#index.limit || tableBytes < this.#allowed) this.#resize(next)
    this.#allowed = tableBytes
  }

  /** The most bytes that `encode` can take for these fields. */
  boundOf(fields: readonly string[]): number {
    let bytes = 2 * INTEGER_BYTES
    for (let at = 0; at < fields.length; at += 2) {
      bytes += INTEGER_BYTES + stringBound(fields[at]!) + stringBound(fields[at + 1]!)
    }
    return bytes
  }

  /**
   * Writes the block of these fields, names and values alternating, all of them latin1 and the names in lower case, and
   * returns the position after it. Throws a RangeError, and changes nothing, where `out` has not `boundOf` bytes from `at` on.
   */
  encode(fields: readonly string[], out: Buffer, at: number): number {
    const bound = this.boundOf(fields)
    if (out.length - at < bound) throw new RangeError(`a header block may take ${bound} bytes, and there are fewer`)
    let next = this.#owesUpdate ? this.#writeUpdates(out, at) : at
    for (let from = 0; from < fields.length; from += 2) {
      const name = fields[from]!
      const value = fields[from + 1]!
      const index = this.#index.find(name, value)
      if (index === 0) next = this.#writeLiteral(name, value, out, next)
      else next = writeInteger(out, next, INDEXED, INDEXED_MASK, index)
    }
    return next
  }

  #resize(limit: number): void {
    this.#smallest = this.#owesUpdate ? Math.min(this.#smallest, limit) : limit
    this.#owesUpdate = true
    this.#index.resize(limit)
  }

  /** The smallest size since the last block, then the present one: the peer has to evict what was evicted here. (4.2, 6.3) */
  #writeUpdates(out: Buffer, at: number): number {
    this.#owesUpdate = false
    const { limit } = this.#index
    const next = this.#smallest < limit ? writeInteger(out, at, UPDATE, UPDATE_MASK, this.#smallest) : at
    return writeInteger(out, next, UPDATE, UPDATE_MASK, limit)
  }

  /** RFC 7541, 6.2. */
  #writeLiteral(name: string, value: string, out: Buffer, at: number): number {
    const indexing = indexingOf(name, value)
    const nameIndex = this.#index.findName(name)
    if (indexing !== 'added' || !this.#hasPlace(name, value)) {
      const named = writeInteger(out, at, indexing === 'never' ? NEVER_INDEXED : 0, LITERAL_MASK, nameIndex)
      return writePlain(out, nameIndex === 0 ? writePlain(out, named, name) : named, value)
    }
    this.#index.add(name, value)
    const named = writeInteger(out, at, WITH_INDEXING, WITH_INDEXING_MASK, nameIndex)
    return writeShortest(out, nameIndex === 0 ? writeShortest(out, named, name) : named, value)
  }

  #hasPlace(name: string, value: string): boolean {
    const bytes = fieldBytes(name, value)
    const { limit, room } = this.#index
    return bytes <= room - limit / 2 || (bytes <= limit && this.#recent.seen(name, value))
  }
}
