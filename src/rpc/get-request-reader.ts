import type { GetRequest } from '../cache/cache.ts'
import { latin1 } from '../wire/hpack/latin1.ts'

/** Fields of a GetRequest (cache.proto) as their tags on the wire: number << 3 | type. */
const KEYSPACE = 0x0a
const KEY = 0x12
const TENANT = 0x1a
const MAX_STALENESS = 0x20

const LARGEST_ASCII = 0x7f
/** Five bytes hold 2^35 ms, more than a year: longer ones take the ordinary way. */
const LONGEST_VARINT = 5

interface Text {
  keyspace: string
  key: string
  tenant: string
}

/** Reads the requests that nearly all are, without objects of a decoder in between. */
export class GetRequestReader {
  /** The keyspace of the last request, and its bytes: mostly that of the next. */
  #keyspace = ''
  #keyspaceBytes = Buffer.alloc(0)
  #at = 0

  /** `undefined` for what has other fields, or text beyond ASCII: that is for the decoder, and so are mistakes. */
  read(bytes: Buffer, start: number, end: number): GetRequest | undefined {
    const request = { keyspace: '', key: '', tenant: '' }
    let maxStalenessMs: number | undefined
    this.#at = start
    while (this.#at < end) {
      const tag = bytes[this.#at++]
      const value = this.#varint(bytes, end)
      if (value < 0) return undefined
      if (tag === MAX_STALENESS) maxStalenessMs = value
      else if (!this.#text(request, tag, bytes, this.#at + value, end)) return undefined
    }
    return maxStalenessMs === undefined ? request : { ...request, maxStalenessMs }
  }

  #text(request: Text, tag: number | undefined, bytes: Buffer, to: number, end: number): boolean {
    if (to > end || !isAscii(bytes, this.#at, to)) return false
    if (tag === KEYSPACE) request.keyspace = this.#keyspaceAt(bytes, to)
    else if (tag === KEY) request.key = latin1(bytes, this.#at, to)
    else if (tag === TENANT) request.tenant = latin1(bytes, this.#at, to)
    else return false
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

  #keyspaceAt(bytes: Buffer, to: number): string {
    const from = this.#at
    const known = this.#keyspaceBytes
    if (known.length !== to - from || !startsWith(bytes, from, known)) {
      this.#keyspace = latin1(bytes, from, to)
      this.#keyspaceBytes = Buffer.from(bytes.subarray(from, to))
    }
    return this.#keyspace
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
