import type { KeyAtHand } from '../cache/cache.ts'
import { latin1 } from '../wire/hpack/latin1.ts'

/** Fields of a GetRequest (cache.proto) as their tags on the wire: number << 3 | type. */
const KEYSPACE = 0x0a
const KEY = 0x12
const TENANT = 0x1a
const MAX_STALENESS = 0x20

const LARGEST_ASCII = 0x7f
/** Five bytes hold 2^35 ms, more than a year: longer ones take the ordinary way. */
const LONGEST_VARINT = 5

const NO_BYTES = Buffer.alloc(0)

/** Reads the requests that nearly all are, without making anything: it is itself what it has read last. */
export class GetRequestReader implements KeyAtHand {
  keyspace = ''
  tenant = ''
  bytes: Buffer = NO_BYTES
  start = 0
  end = 0
  maxStalenessMs: number | undefined
  /** The keyspace of the last request, and its bytes: mostly that of the next. */
  #known = ''
  #keyspaceBytes = Buffer.alloc(0)
  #at = 0

  /** `undefined` for what has other fields, or text beyond ASCII: that is for the decoder, and so are mistakes. */
  read(bytes: Buffer, start: number, end: number): KeyAtHand | undefined {
    this.keyspace = ''
    this.tenant = ''
    this.bytes = bytes
    this.start = start
    this.end = start
    this.maxStalenessMs = undefined
    this.#at = start
    while (this.#at < end) {
      const tag = bytes[this.#at++]
      const value = this.#varint(bytes, end)
      if (value < 0) return undefined
      if (tag === MAX_STALENESS) this.maxStalenessMs = value
      else if (!this.#text(tag, this.#at + value, end)) return undefined
    }
    return this
  }

  #text(tag: number | undefined, to: number, end: number): boolean {
    const { bytes } = this
    if (to > end || !isAscii(bytes, this.#at, to)) return false
    if (tag === KEYSPACE) this.keyspace = this.#keyspaceAt(to)
    else if (tag === TENANT) this.tenant = latin1(bytes, this.#at, to)
    else if (tag === KEY) {
      this.start = this.#at
      this.end = to
    } else return false
    this.#at = to
    return true
  }

  /** -1 for one that is cut off or longer than expected. */
  #varint(bytes: Buffer, end: number): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < LONGEST_VARINT && this.#at < end; count += 1) {
      const byte = bytes[this.#at++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    return -1
  }

  #keyspaceAt(to: number): string {
    const { bytes } = this
    const from = this.#at
    const known = this.#keyspaceBytes
    if (known.length !== to - from || !startsWith(bytes, from, known)) {
      this.#known = latin1(bytes, from, to)
      this.#keyspaceBytes = Buffer.from(bytes.subarray(from, to))
    }
    return this.#known
  }
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) > LARGEST_ASCII) return false
  return true
}

function startsWith(bytes: Buffer, from: number, known: Buffer): boolean {
  for (let at = 0; at < known.length; at += 1) if (bytes[from + at] !== known[at]) return false
  return true
}
