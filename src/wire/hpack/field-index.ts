import { DynamicTable } from './dynamic-table.ts'
import { LAST_STATIC, staticFieldIndex, staticNameIndex } from './static-table.ts'

/** The fields of one name in the dynamic table, by the number with which they were added. */
interface Named {
  /** The one added last, which is the one most likely asked for. */
  readonly value: string
  readonly number: number
  /** The others; few names have any. */
  readonly others: Map<string, number>
}

const NO_OTHERS: Map<string, number> = new Map()

/** The encoder's dynamic table, with the way back from a field to its index. (RFC 7541, 2.3.3) */
export class FieldIndex {
  readonly #table: DynamicTable
  readonly #byName = new Map<string, Named>()

  constructor(limit: number) {
    this.#table = new DynamicTable(limit, (name, value) => this.#forget(name, value))
  }

  get limit(): number {
    return this.#table.limit
  }

  /** What can be added before a field has to go. */
  get room(): number {
    return this.#table.limit - this.#table.bytes
  }

  /** The index of the field; 0 when it has none. */
  find(name: string, value: string): number {
    const named = this.#byName.get(name)
    if (named !== undefined) {
      if (named.value === value) return this.#indexOf(named.number)
      const number = named.others.get(value)
      if (number !== undefined) return this.#indexOf(number)
    }
    const first = staticNameIndex(name)
    return first === 0 ? 0 : staticFieldIndex(first, value)
  }

  /** An index whose field has the name; 0 when there is none. */
  findName(name: string): number {
    const first = staticNameIndex(name)
    if (first !== 0) return first
    const named = this.#byName.get(name)
    return named === undefined ? 0 : this.#indexOf(named.number)
  }

  /** Adds a field that is not in the table and fits. */
  add(name: string, value: string): void {
    const number = this.#table.inserted
    // First, as it may make the fields of this very name go.
    this.#table.insert(name, value)
    const named = this.#byName.get(name)
    if (named === undefined) {
      this.#byName.set(name, { value, number, others: NO_OTHERS })
      return
    }
    const others = named.others === NO_OTHERS ? new Map<string, number>() : named.others
    others.set(named.value, named.number)
    this.#byName.set(name, { value, number, others })
  }

  resize(limit: number): void {
    this.#table.resize(limit)
  }

  #indexOf(number: number): number {
    return LAST_STATIC + this.#table.inserted - number
  }

  /** The oldest goes first, so the newest of a name is its last. */
  #forget(name: string, value: string): void {
    const named = this.#byName.get(name)
    if (named === undefined) return
    if (named.value === value) this.#byName.delete(name)
    else named.others.delete(value)
  }
}
