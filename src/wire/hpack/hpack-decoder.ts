import { BlockCursor } from './block-cursor.ts'
import { DynamicTable, fieldBytes } from './dynamic-table.ts'
import { HpackError } from './hpack-error.ts'
import { readInteger } from './integer.ts'
import { LAST_STATIC, STATIC_NAMES, STATIC_VALUES } from './static-table.ts'
import { readString } from './string-literal.ts'

/** What a table has at the start of a connection, before any setting is in force. (RFC 9113, 6.5.2) */
const INITIAL_TABLE_BYTES = 4_096
/** The smallest size between two blocks and the last one. (RFC 7541, 4.2) */
const MOST_UPDATES = 2

/** How long a field may be to be kept outside the table. */
const LONGEST_KEPT = 256

const INDEXED = 0x80
const INDEXED_MASK = 0x7f
const WITH_INDEXING = 0x40
const WITH_INDEXING_MASK = 0x3f
const UPDATE = 0x20
const UPDATE_BITS = 0xe0
const UPDATE_MASK = 0x1f
const LITERAL_MASK = 0x0f

export interface DecoderLimits {
  /** SETTINGS_HEADER_TABLE_SIZE as it is announced to the peer. (RFC 9113, 6.5.2) */
  readonly tableBytes: number
  /** The most a header list may cost, names and values and 32 a field. (RFC 9113, 6.5.2) */
  readonly listBytes: number
}

/**
 * Decodes the header blocks of one direction of one connection, in the order in which they came. (RFC 7541, 3)
 *
 * It holds no more than the table's limit, and a list never costs more than `listBytes`: a field that is referred to often
 * is one string, and counts each time. After an HpackError the table is out of step, and there is nothing left to decode.
 */
export class HpackDecoder {
  readonly #limits: DecoderLimits
  readonly #table = new DynamicTable(INITIAL_TABLE_BYTES)
  readonly #cursor = new BlockCursor()
  #largestUpdate: number
  #owesUpdate = false
  #owed = 0
  /** The literal that wasn't indexed last: a deadline is said anew with each request, and often it is the same. */
  #lastName = ''
  #lastValue = ''
  #fields: string[] = []
  #room = 0

  constructor(limits: DecoderLimits) {
    this.#limits = limits
    // Until it has seen the setting, the peer may keep to the initial one.
    this.#largestUpdate = Math.max(limits.tableBytes, INITIAL_TABLE_BYTES)
  }

  /** Grows with each change of the dynamic table: equal bytes at an equal generation mean equal fields. */
  get generation(): number {
    return this.#table.generation + this.#owed
  }

  /** What the dynamic table holds, by RFC 7541, 4.1. */
  get tableBytes(): number {
    return this.#table.bytes
  }

  /**
   * The peer has acknowledged the settings: `tableBytes` is in force. Where it is below the size of the table, the next block
   * has to begin with an update. (RFC 9113, 4.3.1) Only needed when `tableBytes` is below 4,096.
   */
  acknowledged(): void {
    this.#largestUpdate = this.#limits.tableBytes
    if (this.#table.limit <= this.#largestUpdate || this.#owesUpdate) return
    this.#owesUpdate = true
    this.#owed += 1
  }

  /**
   * Fields of one whole header block, names and values alternating, as latin1 strings. 'too-large': beyond `listBytes`; the
   * block was decoded all the same, so that the table stays in step. Throws HpackError.
   */
  decode(bytes: Buffer, start: number, end: number): string[] | 'too-large' {
    const cursor = this.#cursor
    const fields: string[] = []
    this.#fields = fields
    this.#room = this.#limits.listBytes
    cursor.open(bytes, start, end)
    this.#readUpdates(cursor)
    while (cursor.at < end) this.#readField(cursor, bytes[cursor.at]!)
    cursor.close()
    this.#fields = []
    return this.#room < 0 ? 'too-large' : fields
  }

  /** Size updates stand at the beginning of a block only. (RFC 7541, 4.2 and 6.3) */
  #readUpdates(cursor: BlockCursor): void {
    let count = 0
    while (cursor.at < cursor.end && (cursor.bytes[cursor.at]! & UPDATE_BITS) === UPDATE) {
      count += 1
      if (count > MOST_UPDATES) throw new HpackError('a block begins with more than two size updates')
      const size = readInteger(cursor, UPDATE_MASK)
      if (size > this.#largestUpdate) throw new HpackError('a size update is above the limit that was announced')
      this.#table.resize(size)
      this.#owesUpdate = false
    }
    if (this.#owesUpdate) throw new HpackError('a block lacks the size update that the lower limit calls for')
  }

  /** One representation, told by its first bits. (RFC 7541, 6) */
  #readField(cursor: BlockCursor, first: number): void {
    if (first >= INDEXED) {
      const index = readInteger(cursor, INDEXED_MASK)
      this.#collect(this.#nameAt(index), this.#valueAt(index))
    } else if (first >= WITH_INDEXING) {
      const name = this.#readName(cursor, WITH_INDEXING_MASK)
      const value = readString(cursor)
      this.#table.insert(name, value)
      this.#collect(name, value)
    } else if (first >= UPDATE) {
      throw new HpackError('a size update stands behind a field')
    } else {
      // Without indexing or never indexed: the difference is for those who pass fields on. (RFC 7541, 6.2.2 and 6.2.3)
      const name = this.#readName(cursor, LITERAL_MASK)
      const value = readString(cursor, this.#lastValue)
      if (name.length + value.length <= LONGEST_KEPT) {
        this.#lastName = name
        this.#lastValue = value
      }
      this.#collect(name, value)
    }
  }

  #readName(cursor: BlockCursor, mask: number): string {
    const index = readInteger(cursor, mask)
    return index === 0 ? readString(cursor, this.#lastName) : this.#nameAt(index)
  }

  /** The address space: the static table from 1, then the dynamic one. (RFC 7541, 2.3.3) */
  #nameAt(index: number): string {
    if (index > LAST_STATIC) return this.#table.name(this.#position(index))
    if (index === 0) throw new HpackError('a field has index 0')
    return STATIC_NAMES[index]!
  }

  /** After `#nameAt`, which has checked the index. */
  #valueAt(index: number): string {
    return index > LAST_STATIC ? this.#table.value(index - LAST_STATIC - 1) : STATIC_VALUES[index]!
  }

  #position(index: number): number {
    const position = index - LAST_STATIC - 1
    if (position >= this.#table.count) throw new HpackError(`a field has index ${index}, which is beyond the table`)
    return position
  }

  #collect(name: string, value: string): void {
    this.#room -= fieldBytes(name, value)
    if (this.#room >= 0) this.#fields.push(name, value)
    else if (this.#fields.length > 0) this.#fields.length = 0
  }
}
