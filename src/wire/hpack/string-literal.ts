import type { BlockCursor } from './block-cursor.ts'
import { HpackError } from './hpack-error.ts'
import { decodeHuffman, encodeHuffman, huffmanBound, huffmanLength } from './huffman.ts'
import { INTEGER_BYTES, readInteger, writeInteger } from './integer.ts'
import { isLatin1, latin1, writeLatin1 } from './latin1.ts'

const HUFFMAN = 0x80
const LENGTH = 0x7f
const SCRATCH_BYTES = 16_384
/** Where coded strings are decoded; a longer one gets a buffer of its own, which isn't kept. */
const SCRATCH = Buffer.allocUnsafeSlow(SCRATCH_BYTES)

/**
 * Reads a string literal: its length, then its octets as they are or Huffman-coded. (RFC 7541, 5.2) `likely`: what it may
 * well be; to compare is cheaper than to make a string.
 */
export function readString(cursor: BlockCursor, likely = ''): string {
  const { bytes, at } = cursor
  if (at >= cursor.end) throw new HpackError('the block ends where a string should begin')
  const coded = bytes[at]! >= HUFFMAN
  const length = readInteger(cursor, LENGTH)
  const start = cursor.at
  const end = start + length
  if (end > cursor.end) throw new HpackError('a string is longer than the rest of the block')
  cursor.at = end
  if (!coded) return isLatin1(bytes, start, end, likely) ? likely : latin1(bytes, start, end)
  const bound = huffmanBound(length)
  const out = bound <= SCRATCH_BYTES ? SCRATCH : Buffer.allocUnsafeSlow(bound)
  return latin1(out, 0, decodeHuffman(bytes, start, end, out))
}

/** Writes a string literal as it is: for what is said once, bytes are cheaper than the time to code them. */
export function writePlain(out: Buffer, at: number, text: string): number {
  return writeLatin1(out, writeInteger(out, at, 0, LENGTH, text.length), text)
}

/** Writes a string literal Huffman-coded where that is shorter: for what enters the table and is said once a connection. */
export function writeShortest(out: Buffer, at: number, text: string): number {
  const length = huffmanLength(text)
  if (length >= text.length) return writePlain(out, at, text)
  return encodeHuffman(text, out, writeInteger(out, at, HUFFMAN, LENGTH, length))
}

/** The most bytes that either of them takes. */
export function stringBound(text: string): number {
  return INTEGER_BYTES + text.length
}
