import { describe, expect, it } from 'vitest'
import { BlockCursor } from '../../../src/wire/hpack/block-cursor.ts'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { readInteger, writeInteger } from '../../../src/wire/hpack/integer.ts'
import { decodeHex, encoded, tableOf } from './block.ts'
import { CODED_REQUESTS, CODED_RESPONSES, PLAIN_REQUESTS, PLAIN_RESPONSES, type Vector } from './rfc7541-vectors.ts'

const TABLE_OF_256 = '3fe101'

const open = () => new HpackDecoder({ tableBytes: 4_096, listBytes: 8_192 })

function expectDecoded(decoder: HpackDecoder, vectors: readonly Vector[]): void {
  for (const { hex, fields, table, tableBytes } of vectors) {
    expect(decodeHex(decoder, hex)).toEqual(fields)
    expect(decoder.tableBytes).toBe(tableBytes)
    expect(tableOf(decoder)).toEqual(table)
  }
}

describe('the examples of RFC 7541, Appendix C', () => {
  it.each([
    ['C.1.1', 10, 5, '0a'],
    ['C.1.2', 1_337, 5, '1f9a0a'],
    ['C.1.3', 42, 8, '2a'],
    ['and the largest that is taken', 2 ** 31, 5, '1fe1ffffff07'],
  ])('%s: writes and reads the integer %i with a prefix of %i bits', (_, value, bits, hex) => {
    const mask = (1 << bits) - 1
    const out = Buffer.alloc(8)
    const end = writeInteger(out, 0, 0, mask, value)
    expect(out.toString('hex', 0, end)).toBe(hex)
    const cursor = new BlockCursor()
    cursor.open(out, 0, end)
    expect(readInteger(cursor, mask)).toBe(value)
    expect(cursor.at).toBe(end)
  })

  it('C.2.1: decodes a literal with indexing', () => {
    const decoder = open()
    const hex = '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'
    expect(decodeHex(decoder, hex)).toEqual(['custom-key', 'custom-header'])
    expect(decoder.tableBytes).toBe(55)
    expect(tableOf(decoder)).toEqual([['custom-key', 'custom-header']])
  })

  it.each([
    ['C.2.2: decodes a literal without indexing', '040c 2f73 616d 706c 652f 7061 7468', [':path', '/sample/path']],
    ['C.2.3: decodes a literal never indexed', '1008 7061 7373 776f 7264 0673 6563 7265 74', ['password', 'secret']],
    ['C.2.4: decodes an indexed field', '82', [':method', 'GET']],
  ])('%s', (_, hex, fields) => {
    const decoder = open()
    expect(decodeHex(decoder, hex)).toEqual(fields)
    expect(decoder.tableBytes).toBe(0)
    expect(tableOf(decoder)).toEqual([])
  })

  it('C.3: decodes requests', () => {
    expectDecoded(open(), PLAIN_REQUESTS)
  })

  it('C.4: decodes Huffman-coded requests', () => {
    expectDecoded(open(), CODED_REQUESTS)
  })

  it('C.5: decodes responses, with eviction', () => {
    const decoder = open()
    expect(decodeHex(decoder, TABLE_OF_256)).toEqual([])
    expectDecoded(decoder, PLAIN_RESPONSES)
  })

  it('C.6: decodes Huffman-coded responses, with eviction', () => {
    const decoder = open()
    expect(decodeHex(decoder, TABLE_OF_256)).toEqual([])
    expectDecoded(decoder, CODED_RESPONSES)
  })

  it('C.4: encodes the requests to the very bytes', () => {
    const encoder = new HpackEncoder()
    for (const { hex, fields } of CODED_REQUESTS) {
      expect(encoded(encoder, fields).toString('hex')).toBe(hex.replaceAll(' ', ''))
    }
  })
})
