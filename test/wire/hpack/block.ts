import type { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import type { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { HpackError } from '../../../src/wire/hpack/hpack-error.ts'
import { writeInteger } from '../../../src/wire/hpack/integer.ts'

export const decodeHex = (decoder: HpackDecoder, hex: string): string[] | 'too-large' => {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
  return decoder.decode(bytes, 0, bytes.length)
}

/** The block on its own, from a buffer that was exactly as large as it had to be. */
export function encoded(encoder: HpackEncoder, fields: readonly string[]): Buffer {
  const out = Buffer.alloc(encoder.boundOf(fields))
  return out.subarray(0, encoder.encode(fields, out, 0))
}

/** The dynamic table from the newest field on, as references to each index tell it. */
export function tableOf(decoder: HpackDecoder): string[][] {
  const table: string[][] = []
  for (;;) {
    try {
      const block = Buffer.alloc(8)
      const end = writeInteger(block, 0, 0x80, 0x7f, 62 + table.length)
      table.push(decoder.decode(block, 0, end) as string[])
    } catch (error) {
      if (error instanceof HpackError) return table
      throw error
    }
  }
}

/** A field whose cost is exactly so many bytes. (RFC 7541, 4.1) */
export const fieldOf = (name: string, bytes: number): string[] => [name, 'x'.repeat(bytes - 32 - name.length)]
