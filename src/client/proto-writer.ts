/** Below this many characters a loop beats the call into native code. */
const SHORT = 40

/** Protobuf's wire format (protobuf.dev/programming-guides/encoding), for messages whose field numbers are below 16. */
const VARINT = 0
const LENGTH = 2

/** Bytes of the varint of a whole number from 0 to 2^53 - 1. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1
  return size
}

/** Bytes of an optional number with its field: none when it is `undefined`. */
export function numberSize(value: number | undefined): number {
  return value === undefined ? 0 : 1 + varintSize(value)
}

/** Bytes of a signed 64-bit number with its field: none when it is 0, as proto3 has it. */
export function int64Size(value: bigint): number {
  if (value === 0n) return 0
  let size = 2
  for (let rest = BigInt.asUintN(64, value); rest >= 0x80n; rest >>= 7n) size += 1
  return size
}

/** Bytes of a string with its field: none when it is empty, as proto3 has it. */
export function stringSize(text: string): number {
  return text === '' ? 0 : partSize(utf8Size(text))
}

/** The same for one of a repeated field, or a member of a oneof, which is there also when it is empty. */
export function memberSize(text: string): number {
  return partSize(utf8Size(text))
}

/** Bytes of a field of `length` bytes. */
export function partSize(length: number): number {
  return 1 + varintSize(length) + length
}

function utf8Size(text: string): number {
  if (text.length > SHORT) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text)
  }
  return text.length
}

/** Writes the fields of one message into a buffer of exactly its size, which the `*Size` functions tell beforehand. */
export class ProtoWriter {
  readonly bytes: Buffer
  #at = 0

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size)
  }

  string(field: number, text: string): void {
    if (text === '') return
    const size = utf8Size(text)
    this.part(field, size)
    const { bytes } = this
    if (size !== text.length || size > SHORT) {
      this.#at += bytes.write(text, this.#at)
      return
    }
    let at = this.#at
    for (let index = 0; index < size; index += 1) {
      bytes[at] = text.charCodeAt(index)
      at += 1
    }
    this.#at = at
  }

  /** A string that is there also when it is empty: one of a repeated field, or a member of a oneof. */
  member(field: number, text: string): void {
    if (text === '') this.part(field, 0)
    else this.string(field, text)
  }

  /** Nothing when it is empty, as proto3 has it. */
  blob(field: number, value: Uint8Array): void {
    if (value.length === 0) return
    this.part(field, value.length)
    this.bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** A whole number from 0 to 2^53 - 1; nothing when it is `undefined`. */
  number(field: number, value: number | undefined): void {
    if (value === undefined) return
    this.#byte((field << 3) | VARINT)
    this.#varint(value)
  }

  /** Nothing when it is 0, as proto3 has it. */
  int64(field: number, value: bigint): void {
    if (value === 0n) return
    this.#byte((field << 3) | VARINT)
    let rest = BigInt.asUintN(64, value)
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80)
    this.#byte(Number(rest))
  }

  /** The head of an embedded message, or of anything else of `length` bytes. */
  part(field: number, length: number): void {
    this.#byte((field << 3) | LENGTH)
    this.#varint(length)
  }

  #byte(value: number): void {
    this.bytes[this.#at] = value
    this.#at += 1
  }

  #varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.#byte(rest)
  }
}
