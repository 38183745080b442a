import type { BlockCursor } from './block-cursor.ts'
import { HpackError } from './hpack-error.ts'

const LARGEST = 2 ** 31
const MOST_CONTINUATIONS = 5

/** The most bytes that `writeInteger` takes. */
export const INTEGER_BYTES = 1 + MOST_CONTINUATIONS

/**
 * Reads an integer whose first byte is at the cursor. `mask`: the bits of its prefix, all ones. (RFC 7541, 5.1; the limits
 * are those that it asks an implementation to set.)
 */
export function readInteger(cursor: BlockCursor, mask: number): number {
  if (cursor.at >= cursor.end) throw new HpackError('the block ends where an integer should begin')
  const prefix = cursor.bytes[cursor.at]! & mask
  cursor.at += 1
  return prefix < mask ? prefix : readContinued(cursor, mask)
}

function readContinued(cursor: BlockCursor, mask: number): number {
  let value = mask
  let scale = 1
  for (let count = 0; count < MOST_CONTINUATIONS; count += 1) {
    if (cursor.at >= cursor.end) throw new HpackError('the block ends inside an integer')
    const byte = cursor.bytes[cursor.at]!
    cursor.at += 1
    // Not a shift: the fifth byte would reach beyond 32 bits.
    value += (byte & 0x7f) * scale
    if (value > LARGEST) throw new HpackError('an integer is larger than 2^31')
    if (byte < 0x80) return value
    scale *= 0x80
  }
  throw new HpackError('an integer has more than 5 continuation bytes')
}

/** Writes an integer behind the `pattern` of its first byte and returns the position after it. (RFC 7541, 5.1) */
export function writeInteger(out: Buffer, at: number, pattern: number, mask: number, value: number): number {
  if (value < mask) {
    out[at] = pattern | value
    return at + 1
  }
  out[at] = pattern | mask
  let next = at + 1
  let rest = value - mask
  while (rest >= 0x80) {
    out[next] = 0x80 | (rest & 0x7f)
    next += 1
    rest = Math.trunc(rest / 0x80)
  }
  out[next] = rest
  return next + 1
}
