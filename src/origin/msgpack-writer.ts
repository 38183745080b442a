const FIRST_BYTES = 256
const INT64 = [-(2n ** 63n), 2n ** 64n - 1n] as const

/** What is written: a value as JSON has it, and whole numbers that a double does not hold. */
export type Packable =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Packable[]
  | { readonly [name: string]: Packable }

/**
 * Writes one value as MessagePack (github.com/msgpack/msgpack/blob/master/spec.md), each in its shortest form: whole numbers
 * as integers of up to 64 bits, also those that JavaScript cannot hold, all others as doubles.
 */
export function packed(value: Packable): Buffer {
  const writer = new MsgpackWriter()
  writer.value(value)
  return writer.bytes
}

class MsgpackWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #at = 0

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  value(value: Packable): void {
    if (value === null) this.#head(0xc0)
    else if (typeof value === 'boolean') this.#head(value ? 0xc3 : 0xc2)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#bigint(value)
    else if (typeof value === 'string') this.#string(value)
    else if (Array.isArray(value)) this.#array(value)
    else this.#map(value as { readonly [name: string]: Packable })
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#double(value)
    else if (value >= 0) this.#unsigned(value)
    else this.#negative(value)
  }

  #unsigned(value: number): void {
    if (value < 0x80) this.#head(value)
    else if (value < 0x100) this.#counted(0xcc, value, 1)
    else if (value < 0x1_0000) this.#counted(0xcd, value, 2)
    else if (value < 0x1_0000_0000) this.#counted(0xce, value, 4)
    else this.#bigint(BigInt(value))
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#head(0x100 + value)
    else if (value >= -0x80) this.#counted(0xd0, 0x100 + value, 1)
    else if (value >= -0x8000) this.#counted(0xd1, 0x1_0000 + value, 2)
    else if (value >= -0x8000_0000) this.#counted(0xd2, 0x1_0000_0000 + value, 4)
    else this.#bigint(BigInt(value))
  }

  #bigint(value: bigint): void {
    if (value < INT64[0] || value > INT64[1]) {
      this.#double(Number(value))
      return
    }
    this.#head(value < 0n ? 0xd3 : 0xcf)
    this.#room(8)
    this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.#at)
    this.#at += 8
  }

  #double(value: number): void {
    this.#head(0xcb)
    this.#room(8)
    this.#at = this.#bytes.writeDoubleBE(value, this.#at)
  }

  #string(text: string): void {
    const size = Buffer.byteLength(text)
    if (size < 0x20) this.#head(0xa0 + size)
    else if (size < 0x100) this.#counted(0xd9, size, 1)
    else this.#counted(size < 0x1_0000 ? 0xda : 0xdb, size, size < 0x1_0000 ? 2 : 4)
    this.#room(size)
    this.#at += this.#bytes.write(text, this.#at)
  }

  #array(items: readonly Packable[]): void {
    this.#collection(items.length, 0x90, 0xdc)
    for (const item of items) this.value(item)
  }

  #map(members: { readonly [name: string]: Packable }): void {
    const entries = Object.entries(members)
    this.#collection(entries.length, 0x80, 0xde)
    for (const [name, value] of entries) {
      this.#string(name)
      this.value(value)
    }
  }

  #collection(count: number, fixed: number, counted: number): void {
    if (count < 16) this.#head(fixed + count)
    else if (count < 0x1_0000) this.#counted(counted, count, 2)
    else this.#counted(counted + 1, count, 4)
  }

  #head(byte: number): void {
    this.#room(1)
    this.#bytes[this.#at] = byte
    this.#at += 1
  }

  #counted(head: number, count: number, bytes: number): void {
    this.#head(head)
    this.#room(bytes)
    this.#at = this.#bytes.writeUIntBE(count, this.#at, bytes)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + bytes))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}
