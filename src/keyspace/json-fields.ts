const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const LARGEST_BLANK = 0x20
/** Below this many bytes a loop beats the call into native code. */
const SHORT = 64

/**
 * The members of a JSON object (RFC 8259) with these names, copied as they are, so that no number loses a digit. What is
 * skipped is only looked through for its end. `undefined` where the text is no object, as far as that shows.
 */
export function jsonFields(text: Buffer, names: ReadonlySet<string>): Buffer | undefined {
  const cursor = new JsonCursor(text)
  if (!cursor.takes(OPEN_OBJECT)) return undefined
  const picked: Buffer[] = []
  const isEmpty = cursor.takes(CLOSE_OBJECT)
  for (let hasMore = !isEmpty; hasMore; hasMore = cursor.takes(COMMA)) {
    const from = cursor.at
    const name = cursor.member()
    if (name === undefined) return undefined
    if (names.has(name)) picked.push(text.subarray(from, cursor.at))
  }
  const isClosed = isEmpty || cursor.takes(CLOSE_OBJECT)
  return isClosed && cursor.isAtEnd ? objectOf(picked) : undefined
}

function objectOf(members: readonly Buffer[]): Buffer {
  const parts = members.flatMap((member, place) => (place === 0 ? [member] : [SEPARATOR, member]))
  return Buffer.concat([OPENING, ...parts, CLOSING])
}

const [OPENING, SEPARATOR, CLOSING] = [Buffer.from('{'), Buffer.from(','), Buffer.from('}')]
const NESTING = new Int8Array(256)
for (const byte of [OPEN_OBJECT, OPEN_ARRAY]) NESTING[byte] = 1
for (const byte of [CLOSE_OBJECT, CLOSE_ARRAY]) NESTING[byte] = -1

/** Goes through a JSON text; after each step it stands at what is no blank. */
class JsonCursor {
  at = 0
  readonly #text: Buffer

  constructor(text: Buffer) {
    this.#text = text
    this.#skipBlanks()
  }

  get isAtEnd(): boolean {
    return this.at === this.#text.length
  }

  takes(byte: number): boolean {
    if (this.#text[this.at] !== byte) return false
    this.at += 1
    this.#skipBlanks()
    return true
  }

  /** Passes over a member: its name, `undefined` where there is none. */
  member(): string | undefined {
    const name = this.#name()
    return name !== undefined && this.takes(COLON) && this.#skipValue() ? name : undefined
  }

  #name(): string | undefined {
    const from = this.at
    if (!this.#skipString()) return undefined
    const to = this.at
    this.#skipBlanks()
    if (!this.#hasEscape(from, to)) return this.#text.toString('utf8', from + 1, to - 1)
    try {
      return JSON.parse(this.#text.toString('utf8', from, to)) as string
    } catch {
      return undefined
    }
  }

  /** False where there is no value, or none that ends. */
  #skipValue(): boolean {
    const from = this.at
    const text = this.#text
    for (let depth = 0; ; ) {
      const byte = text[this.at]
      if (byte === undefined || (depth === 0 && (byte === COMMA || byte === CLOSE_OBJECT))) {
        return depth === 0 && this.at > from
      }
      if (byte === QUOTE) {
        if (!this.#skipString()) return false
      } else {
        depth += NESTING[byte] as number
        this.at += 1
      }
    }
  }

  /** False where there is no string, or none that ends. */
  #skipString(): boolean {
    const text = this.#text
    if (text[this.at] !== QUOTE) return false
    let at = this.at + 1
    const shortEnd = Math.min(at + SHORT, text.length)
    while (at < shortEnd && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1
    const end = text[at] === QUOTE ? at : this.#endOfLong(at)
    this.at = end + 1
    return end >= 0
  }

  /** Where the string ends in whose middle `from` is; -1 where it does not. */
  #endOfLong(from: number): number {
    const text = this.#text
    for (let at = from; ; ) {
      const quote = text.indexOf(QUOTE, at)
      let slashes = 0
      while (quote - slashes > at && text[quote - 1 - slashes] === BACKSLASH) slashes += 1
      if (slashes % 2 === 0) return quote
      at = quote + 1
    }
  }

  #hasEscape(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) if (this.#text[at] === BACKSLASH) return true
    return false
  }

  #skipBlanks(): void {
    while (this.at < this.#text.length && (this.#text[this.at] as number) <= LARGEST_BLANK) this.at += 1
  }
}
