import type { HpackDecoder } from '../hpack/hpack-decoder.ts'
import { HpackError } from '../hpack/hpack-error.ts'
import { COMPRESSION_ERROR, ConnectionFault, ENHANCE_YOUR_CALM, PROTOCOL_ERROR } from './fault.ts'

/** A decoded header block. Equal blocks may be one object, so what is made of it once can be kept with it. */
export interface Block {
  /** Names and values, alternating; `too-large` beyond the limit that was announced. */
  readonly fields: readonly string[] | 'too-large'
  /** Whatever the reader made of the fields. */
  memo: unknown
}

/** Recent blocks of one connection that are remembered: a client sends few different ones again and again. */
const MOST_REMEMBERED = 4
const LONGEST_REMEMBERED_BYTES = 256
/** Of one header block that is spread over CONTINUATION frames (the flood of CVE-2024-27983). */
const MOST_BLOCK_BYTES = 64 * 1024
const MOST_CONTINUATIONS = 32

interface Remembered {
  readonly bytes: Buffer
  readonly generation: number
  readonly block: Block
}

/** Puts header blocks together and decodes them (RFC 9113, section 4.3). */
export class HeaderBlocks {
  readonly #decoder: HpackDecoder
  readonly #remembered: Remembered[] = []
  #next = 0
  #parts: Buffer[] = []
  #partBytes = 0
  /** The stream whose block is open, and whether its HEADERS had END_STREAM: nothing else may come in between. */
  #open: { readonly stream: number; readonly end: boolean } | undefined

  constructor(decoder: HpackDecoder) {
    this.#decoder = decoder
  }

  get open(): { readonly stream: number; readonly end: boolean } | undefined {
    return this.#open
  }

  begin(stream: number, end: boolean, first: Buffer): void {
    this.#open = { stream, end }
    this.append(first)
  }

  append(part: Buffer): void {
    this.#partBytes += part.length
    if (this.#partBytes > MOST_BLOCK_BYTES || this.#parts.length > MOST_CONTINUATIONS) {
      throw new ConnectionFault(ENHANCE_YOUR_CALM, 'a header block of too many or too large CONTINUATION frames')
    }
    this.#parts.push(Buffer.from(part))
  }

  /** The block that was put together. */
  end(): Block {
    const whole = Buffer.concat(this.#parts)
    this.#open = undefined
    this.#parts = []
    this.#partBytes = 0
    return this.decode(whole, 0, whole.length)
  }

  decode(bytes: Buffer, start: number, end: number): Block {
    const generation = this.#decoder.generation
    for (const remembered of this.#remembered) {
      if (remembered.generation === generation && isSame(remembered.bytes, bytes, start, end)) return remembered.block
    }
    const block: Block = { fields: this.#fields(bytes, start, end), memo: undefined }
    // A block that changes the table means something else the next time.
    if (this.#decoder.generation === generation && end - start <= LONGEST_REMEMBERED_BYTES) {
      this.#remembered[this.#next] = { bytes: Buffer.from(bytes.subarray(start, end)), generation, block }
      this.#next = (this.#next + 1) % MOST_REMEMBERED
    }
    return block
  }

  #fields(bytes: Buffer, start: number, end: number): string[] | 'too-large' {
    try {
      return this.#decoder.decode(bytes, start, end)
    } catch (error) {
      if (error instanceof HpackError) throw new ConnectionFault(COMPRESSION_ERROR, error.message)
      throw error
    }
  }
}

function isSame(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = known
  if (end - start !== length) return false
  for (let at = 0; at < length; at += 1) if (known[at] !== bytes[start + at]) return false
  return true
}

/** Where the fragment of a HEADERS payload lies between its padding and its priority (section 6.2). */
export function unpadded(
  bytes: Buffer,
  start: number,
  end: number,
  { padded, skip }: { readonly padded: boolean; readonly skip: number },
): { readonly start: number; readonly end: number } {
  const padding = padded ? (bytes[start] ?? 0) : 0
  const from = start + (padded ? 1 : 0) + skip
  const to = end - padding
  if ((padded && end === start) || from > to)
    throw new ConnectionFault(PROTOCOL_ERROR, 'padding that is longer than its frame')
  return { start: from, end: to }
}
