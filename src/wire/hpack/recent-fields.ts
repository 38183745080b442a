const SLOTS = 64

/** Remembers a few of the fields that were sent last and have no index, so that one that comes again is noticed. */
export class RecentFields {
  readonly #names: string[] = []
  readonly #values: string[] = []

  /** Whether the field was here lately; from now on it was. */
  seen(name: string, value: string): boolean {
    if (this.#names.length === 0) this.#begin()
    const slot = slotOf(name, value)
    if (this.#names[slot] === name && this.#values[slot] === value) return true
    this.#names[slot] = name
    this.#values[slot] = value
    return false
  }

  #begin(): void {
    for (let slot = 0; slot < SLOTS; slot += 1) {
      this.#names.push('')
      this.#values.push('')
    }
  }
}

/** By a few characters only: two fields in one slot merely take longer to be noticed. */
function slotOf(name: string, value: string): number {
  let hash = name.length * 31 + value.length
  hash = hash * 31 + name.charCodeAt(name.length - 1)
  hash = hash * 31 + value.charCodeAt(value.length >>> 1)
  hash = hash * 31 + value.charCodeAt(value.length - 1)
  return hash & (SLOTS - 1)
}
