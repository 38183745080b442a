const FEWEST_SLOTS = 8
const OVERHEAD = 32

/** What a field costs, in the dynamic table as in a header list. (RFC 7541, 4.1; RFC 9113, 6.5.2) */
export function fieldBytes(name: string, value: string): number {
  return name.length + value.length + OVERHEAD
}

/** Told of each field that leaves the table, the oldest first. */
export type Evicted = (name: string, value: string) => void

/**
 * The dynamic table: first in, first out, in a ring that grows with what is in it. (RFC 7541, 2.3.2 and 4)
 * Position 0 is the field added last, as in the index address space. (RFC 7541, 2.3.3)
 */
export class DynamicTable {
  readonly #evicted: Evicted | undefined
  #names: string[] = []
  #values: string[] = []
  #mask = -1
  #inserted = 0
  #count = 0
  #bytes = 0
  #limit: number
  #generation = 0

  constructor(limit: number, evicted?: Evicted) {
    this.#limit = limit
    this.#evicted = evicted
  }

  get count(): number {
    return this.#count
  }

  /** What the fields in it cost, never above `limit`. */
  get bytes(): number {
    return this.#bytes
  }

  get limit(): number {
    return this.#limit
  }

  /** How many fields were added in all: the number of the next one. */
  get inserted(): number {
    return this.#inserted
  }

  /** Grows with each change of the fields or the limit. */
  get generation(): number {
    return this.#generation
  }

  name(position: number): string {
    return this.#names[(this.#inserted - 1 - position) & this.#mask]!
  }

  value(position: number): string {
    return this.#values[(this.#inserted - 1 - position) & this.#mask]!
  }

  /** Makes room, then adds; a field larger than the table leaves it empty, which is no error. (RFC 7541, 4.4) */
  insert(name: string, value: string): void {
    const bytes = fieldBytes(name, value)
    this.#evictTo(this.#limit - bytes)
    if (bytes > this.#limit) return
    if (this.#count > this.#mask) this.#grow()
    const slot = this.#inserted & this.#mask
    this.#names[slot] = name
    this.#values[slot] = value
    this.#inserted += 1
    this.#count += 1
    this.#bytes += bytes
    this.#generation += 1
  }

  /** A new maximum size; what no longer fits goes. (RFC 7541, 4.3) */
  resize(limit: number): void {
    if (limit === this.#limit) return
    this.#limit = limit
    this.#generation += 1
    this.#evictTo(limit)
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#count > 0) {
      const slot = (this.#inserted - this.#count) & this.#mask
      const name = this.#names[slot]!
      const value = this.#values[slot]!
      this.#names[slot] = ''
      this.#values[slot] = ''
      this.#count -= 1
      this.#bytes -= fieldBytes(name, value)
      this.#generation += 1
      this.#evicted?.(name, value)
    }
  }

  #grow(): void {
    const slots = Math.max(FEWEST_SLOTS, 2 * (this.#mask + 1))
    const names = new Array<string>(slots).fill('')
    const values = new Array<string>(slots).fill('')
    for (let number = this.#inserted - this.#count; number < this.#inserted; number += 1) {
      names[number & (slots - 1)] = this.#names[number & this.#mask]!
      values[number & (slots - 1)] = this.#values[number & this.#mask]!
    }
    this.#names = names
    this.#values = values
    this.#mask = slots - 1
  }
}
