import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HpackError } from '../../../src/wire/hpack/hpack-error.ts'
import { decodeHuffman, encodeHuffman, huffmanBound, huffmanLength } from '../../../src/wire/hpack/huffman.ts'
import { CODE_BITS, CODES, EOS } from '../../../src/wire/hpack/huffman-code.ts'

const decode = (bytes: Buffer): string => {
  const out = Buffer.alloc(huffmanBound(bytes.length))
  return out.toString('latin1', 0, decodeHuffman(bytes, 0, bytes.length, out))
}

const encode = (text: string): Buffer => {
  const out = Buffer.alloc(huffmanLength(text))
  expect(encodeHuffman(text, out, 0)).toBe(out.length)
  return out
}

const latin1 = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

describe('the Huffman code', () => {
  it('is the one of Appendix B', () => {
    const some = [0, 1, 9, 10, 13, 22, 32, 48, 63, 92, 97, 127, 128, 159, 192, 208, 220, 239, 249, 255, EOS]
    expect(some.map((symbol) => `${CODES[symbol]?.toString(16)}/${CODE_BITS[symbol]}`)).toEqual([
      ...['1ff8/13', '7fffd8/23', 'ffffea/24', '3ffffffc/30', '3ffffffd/30', '3ffffffe/30', '14/6', '0/5', '3fc/10'],
      ...['7fff0/19', '3/5', 'ffffffc/28', 'fffe6/20', 'ffffef/24', '3ffffe0/26', '7fff2/19', 'ffffffd/28'],
      ...['7ffff4/23', 'ffffffe/28', '3ffffee/26', '3fffffff/30'],
    ])
  })

  it('leaves no bits without a meaning', () => {
    expect(CODE_BITS.reduce((sum, bits) => sum + 2 ** -bits, 0)).toBe(1)
  })

  it('reads back every octet at every position of a byte', () => {
    for (let symbol = 0; symbol < 256; symbol += 1) {
      // Zeros have 5 bits, so that 8 of them go round.
      for (let zeros = 0; zeros < 8; zeros += 1) {
        const text = `${'0'.repeat(zeros)}${String.fromCharCode(symbol)}a`
        expect(decode(encode(text))).toBe(text)
      }
    }
  })

  it('reads back any string', () => {
    fc.assert(
      fc.property(latin1, (text) => {
        expect(decode(encode(text))).toBe(text)
      }),
    )
  })

  it('has one reading for bytes, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
        const bytes = Buffer.from(array)
        let text: string
        try {
          text = decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError)
          return
        }
        expect(encode(text)).toEqual(bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a whole byte of padding', '1fff'],
    ['two bytes of padding', '1fffff'],
    ['padding alone of a byte', 'ff'],
    ['padding that is not all ones', '18'],
    ['a code cut short', 'fe'],
  ])('refuses %s', (_, hex) => {
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow(HpackError)
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow('padding')
  })

  it.each(['ffffffff', '3fffffffff', '1fffffffe7', 'ffffffff1f'])('refuses EOS in %s', (hex) => {
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow('EOS')
  })

  it.each([
    ['no bits', '', ''],
    ['3 ones', '1f', 'a'],
    ['7 ones', '18ee7f', 'aa:'],
  ])('takes %s as padding', (_, hex, text) => {
    expect(decode(Buffer.from(hex, 'hex'))).toBe(text)
  })
})
