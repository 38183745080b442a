import type { Fields } from './template.ts'

/** What the plugin `pgoutput` says, one message each; https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html */
export type WalChange =
  | { readonly kind: 'begin'; readonly xid: number; readonly committedUs: bigint }
  | { readonly kind: 'commit'; readonly end: bigint }
  | {
      readonly kind: 'row'
      readonly table: string
      readonly before: Fields | undefined
      readonly isBeforeWhole: boolean
      readonly after: Fields | undefined
    }
  | { readonly kind: 'truncate'; readonly tables: readonly string[] }
  /** What concerns nobody here: types, origins, messages; and relations, which are remembered. */
  | { readonly kind: 'other' }

interface Relation {
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly isKey: boolean }[]
}

const NEW = 0x4e
const KEY = 0x4b
const OLD = 0x4f
const NULL = 0x6e
const UNCHANGED = 0x75

/** Reads version 1 of the protocol, values as text. One per stream, which tells of each relation before its first row. */
export class Pgoutput {
  readonly #relations = new Map<number, Relation>()

  /** Copies what it keeps. Throws for what is not of this protocol. */
  read(message: Buffer): WalChange {
    const cursor = new Cursor(message)
    const type = String.fromCharCode(cursor.byte())
    switch (type) {
      case 'B': {
        cursor.skip(8)
        return { kind: 'begin', committedUs: cursor.int64(), xid: cursor.int32() }
      }
      case 'C':
        cursor.skip(1 + 8)
        return { kind: 'commit', end: cursor.int64() }
      case 'R':
        this.#learn(cursor)
        return { kind: 'other' }
      case 'I': {
        const relation = this.#relation(cursor.int32())
        return row(relation, { before: undefined, isBeforeWhole: false, after: newTuple(cursor, relation) })
      }
      case 'U':
        return this.#update(cursor)
      case 'D': {
        const relation = this.#relation(cursor.int32())
        return row(relation, { ...oldTuple(cursor.byte(), cursor, relation), after: undefined })
      }
      case 'T':
        return this.#truncate(cursor)
      case 'O':
      case 'Y':
      case 'M':
        return { kind: 'other' }
      default:
        throw new Error(`pgoutput has no message ${type}`)
    }
  }

  #learn(cursor: Cursor): void {
    const id = cursor.int32()
    const schema = cursor.text()
    const name = cursor.text()
    cursor.skip(1)
    const columns = Array.from({ length: cursor.int16() }, () => {
      const isKey = (cursor.byte() & 1) === 1
      const column = { name: cursor.text(), isKey }
      cursor.skip(4 + 4)
      return column
    })
    this.#relations.set(id, { table: `${schema === '' ? 'pg_catalog' : schema}.${name}`, columns })
  }

  #update(cursor: Cursor): WalChange {
    const relation = this.#relation(cursor.int32())
    const mark = cursor.byte()
    if (mark === NEW) return row(relation, { before: undefined, isBeforeWhole: false, after: tuple(cursor, relation) })
    const old = oldTuple(mark, cursor, relation)
    return row(relation, { ...old, after: newTuple(cursor, relation) })
  }

  #truncate(cursor: Cursor): WalChange {
    const count = cursor.int32()
    cursor.skip(1)
    return { kind: 'truncate', tables: Array.from({ length: count }, () => this.#relation(cursor.int32()).table) }
  }

  #relation(id: number): Relation {
    const relation = this.#relations.get(id)
    if (relation === undefined) throw new Error('pgoutput has not told what the relation is')
    return relation
  }
}

interface States {
  readonly before: Fields | undefined
  readonly isBeforeWhole: boolean
  readonly after: Fields | undefined
}

function row({ table }: Relation, states: States): WalChange {
  return { kind: 'row', table, ...states }
}

function newTuple(cursor: Cursor, relation: Relation): Fields {
  if (cursor.byte() !== NEW) throw new Error('pgoutput has not told the new row')
  return tuple(cursor, relation)
}

/** With `K` only the columns of the replica identity mean something; the others are sent as NULL. */
function oldTuple(mark: number, cursor: Cursor, relation: Relation): Pick<States, 'before' | 'isBeforeWhole'> {
  if (mark !== KEY && mark !== OLD) throw new Error('pgoutput has not told the old row')
  const all = tuple(cursor, relation)
  if (mark === OLD) return { before: all, isBeforeWhole: true }
  const keys = relation.columns.filter(({ isKey }) => isKey).map(({ name }) => [name, all[name]])
  return { before: Object.fromEntries(keys), isBeforeWhole: false }
}

/** A column that was stored out of line and not changed is not sent, and so absent: it is not NULL. */
function tuple(cursor: Cursor, { columns }: Relation): Fields {
  const fields: Record<string, unknown> = Object.create(null)
  const count = cursor.int16()
  for (let index = 0; index < count; index += 1) {
    const name = columns[index]?.name ?? ''
    const kind = cursor.byte()
    if (kind === NULL) fields[name] = null
    else if (kind !== UNCHANGED) fields[name] = cursor.sized()
  }
  return fields
}

/** Reads big-endian numbers and texts one behind the other; throws a RangeError beyond the end. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  byte(): number {
    this.#at += 1
    return this.#bytes.readUInt8(this.#at - 1)
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readUInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.#bytes.readBigInt64BE(this.#at - 8)
  }

  /** Ends with a zero byte. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw new RangeError('pgoutput has sent a text without its end')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** Begins with its length. */
  sized(): string {
    const length = this.int32()
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('pgoutput has sent less of a value than it said')
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
}
