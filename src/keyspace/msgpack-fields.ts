/**
 * The members of a MessagePack map (github.com/msgpack/msgpack/blob/master/spec.md) with these names, copied as they are.
 * Keys that are no strings have no names. `undefined` where the bytes are no map, or end too early.
 */
export function msgpackFields(bytes: Buffer, names: ReadonlySet<string>): Buffer | undefined {
  const cursor = new MsgpackCursor(bytes)
  const members = cursor.map()
  if (members === undefined) return undefined
  const parts: Buffer[] = []
  for (let member = 0; member < members; member += 1) {
    const from = cursor.at
    const name = cursor.string()
    if (name === undefined && !cursor.skip()) return undefined
    if (!cursor.skip()) return undefined
    if (name !== undefined && names.has(name)) parts.push(bytes.subarray(from, cursor.at))
  }
  return cursor.isAtEnd ? Buffer.concat([mapHead(parts.length), ...parts]) : undefined
}

const [FIXMAP, FIXARRAY, FIXSTR, NIL] = [0x80, 0x90, 0xa0, 0xc0]
const [STR8, MAP16, MAP32] = [0xd9, 0xde, 0xdf]

/** Bytes of what begins with 0xc0 to 0xdf: fixed; or a length of so many bytes, and so many more. -1 = never used. */
const FIXED = [
  0, -1, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, -1, -1, -1, -1, -1, -1, -1,
]
const COUNTED: Readonly<Record<number, readonly [lengthBytes: number, more: number]>> = {
  196: [1, 0],
  197: [2, 0],
  198: [4, 0],
  199: [1, 1],
  200: [2, 1],
  201: [4, 1],
  217: [1, 0],
  218: [2, 0],
  219: [4, 0],
}
/** Arrays and maps: bytes of their count, and how many values each of it stands for. */
const NESTED: Readonly<Record<number, readonly [countBytes: number, values: number]>> = {
  220: [2, 1],
  221: [4, 1],
  222: [2, 2],
  223: [4, 2],
}

class MsgpackCursor {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length
  }

  /** How many members a map has; `undefined` where there is none. */
  map(): number | undefined {
    const head = this.#bytes[this.at]
    if (head === undefined) return undefined
    this.at += 1
    if (head >= FIXMAP && head < FIXARRAY) return head - FIXMAP
    return head === MAP16 || head === MAP32 ? this.#number(head === MAP16 ? 2 : 4) : undefined
  }

  /** Stands where it stood where there is none. */
  string(): string | undefined {
    const start = this.at
    const length = this.#stringLength()
    const end = this.at + (length ?? 0)
    if (length === undefined || end > this.#bytes.length) {
      this.at = start
      return undefined
    }
    const text = this.#bytes.toString('utf8', this.at, end)
    this.at = end
    return text
  }

  /** Passes over one value, and all that is in it. False where it ends too early. */
  skip(): boolean {
    for (let values = 1; values > 0; values -= 1) {
      const inside = this.#skipHead()
      if (inside === undefined || this.at > this.#bytes.length) return false
      values += inside
    }
    return true
  }

  /** Passes over a value, but for the values inside it: their number. */
  #skipHead(): number | undefined {
    const head = this.#bytes[this.at]
    if (head === undefined) return undefined
    this.at += 1
    if (head < FIXMAP || head >= 0xe0) return 0
    if (head < FIXARRAY) return 2 * (head - FIXMAP)
    if (head < FIXSTR) return head - FIXARRAY
    if (head < NIL) return this.#pass(head - FIXSTR)
    const [countBytes, values] = NESTED[head] ?? []
    if (countBytes !== undefined && values !== undefined) return times(this.#number(countBytes), values)
    const [lengthBytes, more] = COUNTED[head] ?? []
    if (lengthBytes === undefined || more === undefined) return this.#pass(FIXED[head - NIL] as number)
    const length = this.#number(lengthBytes)
    return length === undefined ? undefined : this.#pass(length + more)
  }

  #stringLength(): number | undefined {
    const head = this.#bytes[this.at]
    if (head === undefined) return undefined
    this.at += 1
    if (head >= FIXSTR && head < NIL) return head - FIXSTR
    if (head < STR8 || head > STR8 + 2) return undefined
    return this.#number(2 ** (head - STR8))
  }

  #number(bytes: number): number | undefined {
    const from = this.at
    this.at += bytes
    return this.at > this.#bytes.length ? undefined : this.#bytes.readUIntBE(from, bytes)
  }

  /** Nothing is inside. `undefined` for a head that is never used. */
  #pass(bytes: number): 0 | undefined {
    this.at += bytes
    return bytes < 0 ? undefined : 0
  }
}

const times = (count: number | undefined, values: number): number | undefined => count && count * values

function mapHead(members: number): Buffer {
  if (members < 16) return Buffer.of(FIXMAP + members)
  const head = Buffer.alloc(members < 0x1_0000 ? 3 : 5)
  head[0] = members < 0x1_0000 ? MAP16 : MAP32
  head.writeUIntBE(members, 1, head.length - 1)
  return head
}
