/** The value of a MessagePack text, as a test reads it; 64-bit integers are bigints. Throws where it is none. */
export function unpacked(bytes: Buffer): unknown {
  const reader = new Reader(bytes)
  const value = reader.value()
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes too many`)
  return value
}

class Reader {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  value(): unknown {
    const head = this.#uint(1)
    if (head < 0x80) return head
    if (head < 0x90) return this.#map(head & 0x0f)
    if (head < 0xa0) return this.#array(head & 0x0f)
    if (head < 0xc0) return this.#text(head & 0x1f)
    if (head >= 0xe0) return head - 0x100
    return this.#long(head)
  }

  #long(head: number): unknown {
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        return this.#take(8).readDoubleBE()
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(2 ** (head - 0xcc))
      case 0xcf:
        return this.#take(8).readBigUInt64BE()
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#take(2 ** (head - 0xd0)).readIntBE(0, 2 ** (head - 0xd0))
      case 0xd3:
        return this.#take(8).readBigInt64BE()
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(2 ** (head - 0xd9)))
      case 0xdc:
        return this.#array(this.#uint(2))
      case 0xde:
        return this.#map(this.#uint(2))
      default:
        throw new RangeError(`nothing begins with ${head.toString(16)} here`)
    }
  }

  #map(members: number): object {
    const entries = Array.from({ length: members }, () => [String(this.value()), this.value()] as const)
    return Object.fromEntries(entries)
  }

  #array(items: number): unknown[] {
    return Array.from({ length: items }, () => this.value())
  }

  #text(length: number): string {
    return this.#take(length).toString()
  }

  #uint(bytes: number): number {
    return this.#take(bytes).readUIntBE(0, bytes)
  }

  #take(bytes: number): Buffer {
    const from = this.at
    this.at += bytes
    if (this.at > this.#bytes.length) throw new RangeError('it ends too early')
    return this.#bytes.subarray(from, this.at)
  }
}
