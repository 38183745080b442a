/**
 * Remembers what the last header block meant. Equal blocks of one connection are one array, so nearly every answer of a
 * busy connection is recognized by comparing two references.
 */
export class LastRead<Meaning> {
  readonly #read: (fields: readonly string[]) => Meaning
  #fields: readonly string[] | undefined
  #meaning: Meaning | undefined

  constructor(read: (fields: readonly string[]) => Meaning) {
    this.#read = read
  }

  of(fields: readonly string[]): Meaning {
    if (fields !== this.#fields) {
      this.#meaning = this.#read(fields)
      this.#fields = fields
    }
    return this.#meaning as Meaning
  }
}
