const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const GROUP = 3
const GROUP_END = 4
const FIXED32 = 5

const DEEPEST_GROUP = 100

/**
 * Reads the fields of one message in protobuf's wire format (protobuf.dev/programming-guides/encoding), in place.
 *
 * ```ts
 * for (let key = reader.next(); key !== 0; key = reader.next()) if (key === KEY) … else reader.skip(key)
 * ```
 * A key is `field number << 3 | wire type`, so a field of an unexpected type is skipped like an unknown one.
 * Throws `RangeError` where the bytes are no message.
 */
export class ProtoReader {
  readonly #bytes: Buffer
  #at: number
  #end: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** The next field's key; 0 at the end. */
  next(): number {
    if (this.#at >= this.#end) return 0
    const key = this.#byte()
    if (key < 0x80 && key > 7) return key
    this.#at -= 1
    const long = this.uint()
    if (long < 8 || long > 0xffffffff) throw new RangeError('a field number beyond the bounds')
    return long
  }

  /** An unsigned number; exact below 2^53. */
  uint(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    let scale = 0x80
    for (let count = 1; count < 10; count += 1) {
      const byte = this.#byte()
      // Of the tenth byte only the lowest bit belongs to the 64.
      value += (count === 9 ? byte & 1 : byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new RangeError('a number of more than ten bytes')
  }

  /** A signed number (`int32`, `int64`); exact within ± 2^53. */
  int(): number {
    const start = this.#at
    const value = this.uint()
    return value < 2 ** 63 ? value : Number(this.#exactFrom(start))
  }

  /** A signed number of 64 bits. */
  int64(): bigint {
    const start = this.#at
    this.uint()
    return this.#exactFrom(start)
  }

  bool(): boolean {
    return this.uint() !== 0
  }

  /** A view: it shares its memory with the message. */
  view(): Buffer {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  string(): string {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    return this.#bytes.toString('utf8', start, this.#at)
  }

  /** A reader for an embedded message. */
  message(): ProtoReader {
    const length = this.#length()
    const start = this.#at
    this.#at += length
    return new ProtoReader(this.#bytes, start, this.#at)
  }

  /** Passes over the value that belongs to `key`. */
  skip(key: number, depth = 0): void {
    switch (key & 7) {
      case VARINT:
        this.uint()
        break
      case FIXED64:
        this.#pass(8)
        break
      case LENGTH:
        this.#pass(this.uint())
        break
      case GROUP:
        this.#skipGroup(key, depth)
        break
      case FIXED32:
        this.#pass(4)
        break
      default:
        throw new RangeError('a field of no known wire type')
    }
  }

  #skipGroup(start: number, depth: number): void {
    if (depth > DEEPEST_GROUP) throw new RangeError('groups nested too deep')
    const end = start - GROUP + GROUP_END
    for (let key = this.next(); key !== end; key = this.next()) {
      if (key === 0) throw new RangeError('a group without an end')
      this.skip(key, depth + 1)
    }
  }

  /** What has just been read as a number, from `start` on. */
  #exactFrom(start: number): bigint {
    let exact = 0n
    for (let at = start; at < this.#at; at += 1) {
      exact |= BigInt((this.#bytes[at] as number) & 0x7f) << BigInt(7 * (at - start))
    }
    return BigInt.asIntN(64, exact)
  }

  #length(): number {
    const length = this.uint()
    if (length > this.#end - this.#at) throw new RangeError('a field that is longer than its message')
    return length
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError('a field that is longer than its message')
    this.#at += length
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('a message that ends too early')
    const byte = this.#bytes[this.#at] as number
    this.#at += 1
    return byte
  }
}
