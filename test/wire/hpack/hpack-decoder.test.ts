import { describe, expect, it } from 'vitest'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { HpackError } from '../../../src/wire/hpack/hpack-error.ts'
import { decodeHex, encoded, fieldOf, tableOf } from './block.ts'

const open = ({ tableBytes = 4_096, listBytes = 8_192 } = {}) => new HpackDecoder({ tableBytes, listBytes })

const CUSTOM = '4001 61 01 62'

function expectRefused(decoder: HpackDecoder, hex: string, message: string): void {
  const refused = () => decodeHex(decoder, hex)
  expect(refused).toThrow(HpackError)
  // Once more, as what was refused has changed nothing that the rule looks at.
  expect(refused).toThrow(message)
}

describe('the decoder refuses', () => {
  it.each([
    ['index 0', '80', 'index 0'],
    ['an index beyond the static table, while the dynamic one is empty', 'be', 'index 62'],
    ['a name with an index beyond the table', '7f00 01 61', 'index 63'],
    ['a name without indexing with an index beyond the table', '0f30 01 61', 'index 63'],
    ['a far index', 'ffffffff0f', 'beyond the table'],
    ['an integer above 2^31', 'ff82ffffff07', 'larger than 2^31'],
    ['an integer of 6 continuation bytes', 'ff808080808000', 'more than 5 continuation bytes'],
    ['a block that ends before an integer goes on', 'ff', 'inside an integer'],
    ['a block that ends inside an integer', 'ff80', 'inside an integer'],
    ['a block that ends before a name', '40', 'where a string should begin'],
    ['a block that ends inside a name', '4002 61', 'longer than the rest'],
    ['a block that ends before a value', '4001 61', 'where a string should begin'],
    ['a block that ends inside a value', '4001 61 02 62', 'longer than the rest'],
    ['a block that ends inside the length of a value', '4001 61 7f', 'inside an integer'],
    ['a length far beyond the block', '4001 61 7fffffff7f', 'longer than the rest'],
    ['a size update above the announced limit', '3fe21f', 'above the limit'],
    ['a size update behind a field', '82 20', 'behind a field'],
    ['a third size update', '20 20 20', 'more than two size updates'],
    ['a truncated size update', '3f', 'inside an integer'],
    ['a Huffman-coded name with EOS', '4084ffffffff 01 61', 'EOS'],
    ['a Huffman-coded value with a byte of padding', '4001 61 821fff', 'padding'],
  ])('%s', (_, hex, message) => {
    expectRefused(open(), hex, message)
  })

  it('an index just beyond the table, as long as it is beyond', () => {
    const decoder = open()
    expectRefused(decoder, 'be', 'index 62')
    decodeHex(decoder, CUSTOM)
    expect(decodeHex(decoder, 'be')).toEqual(['a', 'b'])
    expectRefused(decoder, 'bf', 'index 63')
  })

  it('an index of a field that was evicted', () => {
    const decoder = open()
    decodeHex(decoder, CUSTOM)
    expectRefused(decoder, '20 be', 'index 62')
  })

  it('a size update above a lower limit only when the peer has acknowledged it', () => {
    const decoder = open({ tableBytes: 100 })
    expect(decodeHex(decoder, '3fe11f')).toEqual([])
    decoder.acknowledged()
    expectRefused(decoder, '3f46', 'above the limit')
    expect(decodeHex(decoder, '3f45')).toEqual([])
  })

  it('a block without the size update that an acknowledged lower limit calls for', () => {
    const decoder = open({ tableBytes: 0 })
    decodeHex(decoder, CUSTOM)
    decoder.acknowledged()
    expectRefused(decoder, 'be', 'lacks the size update')
    expect(decodeHex(decoder, '20 82')).toEqual([':method', 'GET'])
    expect(decodeHex(decoder, '82')).toEqual([':method', 'GET'])
    expect(tableOf(decoder)).toEqual([])
  })

  it('no block for want of an update when the acknowledged limit is not below the table', () => {
    const decoder = open()
    decodeHex(decoder, CUSTOM)
    decoder.acknowledged()
    expect(decodeHex(decoder, 'be')).toEqual(['a', 'b'])
  })
})

describe('the decoder', () => {
  it('decodes the part of a buffer that it is told to', () => {
    expect(open().decode(Buffer.from('ff8286ff', 'hex'), 1, 3)).toEqual([':method', 'GET', ':scheme', 'http'])
  })

  it('takes an empty block and two size updates at the beginning of one', () => {
    expect(decodeHex(open(), '')).toEqual([])
    expect(decodeHex(open(), '20 3fe11f 82')).toEqual([':method', 'GET'])
  })

  it('takes an announced limit above the initial one when an update raises the table to it', () => {
    const decoder = open({ tableBytes: 65_536 })
    const encoder = new HpackEncoder(65_536)
    encoder.limit(65_536)
    const fields = Array.from({ length: 100 }, (_, at) => fieldOf(`field-${at}`, 100)).flat()
    expect(decodeHex(decoder, encoded(encoder, fields).toString('hex'))).toEqual('too-large')
    expect(decoder.tableBytes).toBe(10_000)
    expect(tableOf(decoder)[99]).toEqual(fieldOf('field-0', 100))
  })

  it('empties the table for a field that is larger than it', () => {
    const decoder = open()
    decodeHex(decoder, CUSTOM)
    expect(decodeHex(decoder, `3f0b ${CUSTOM} 4001 61 0b${'62'.repeat(11)}`)).toHaveLength(4)
    expect(tableOf(decoder)).toEqual([])
    expect(decoder.tableBytes).toBe(0)
  })

  it('adds a field under the name of the very field that it evicts', () => {
    const decoder = open()
    expect(decodeHex(decoder, `3f03 ${CUSTOM} 7e 01 63`)).toEqual(['a', 'b', 'a', 'c'])
    expect(tableOf(decoder)).toEqual([['a', 'c']])
  })

  it('tells a literal from the one before it, by length and by any octet', () => {
    const decoder = open()
    const blocks = ['0002 6162 02 6364', '0002 6162 02 6364', '0002 6163 02 6365', '0001 61 01 63', '0003 616363 00']
    const fields = [
      ['ab', 'cd'],
      ['ab', 'cd'],
      ['ac', 'ce'],
      ['a', 'c'],
      ['acc', ''],
    ]
    expect(blocks.map((block) => decodeHex(decoder, block))).toEqual(fields)
  })

  it('keeps octets as they are', () => {
    expect(decodeHex(open(), '0001 ff 03 00 80 0a')).toEqual(['ÿ', '\0\x80\n'])
  })

  it('tells by its generation when equal bytes may mean other fields', () => {
    const decoder = open()
    const generationAfter = (hex: string) => {
      decodeHex(decoder, hex)
      return decoder.generation
    }
    const before = decoder.generation
    expect(generationAfter('8286')).toBe(before)
    expect(generationAfter('0001 61 01 62')).toBe(before)
    expect(generationAfter('1001 61 01 62')).toBe(before)
    const added = generationAfter(CUSTOM)
    expect(added).toBeGreaterThan(before)
    expect(generationAfter('be')).toBe(added)
    expect(generationAfter('3fe11f be')).toBe(added)
    const resized = generationAfter('3f00')
    expect(resized).toBeGreaterThan(added)
    expect(generationAfter('20')).toBeGreaterThan(resized)
  })

  it('tells by its generation that an acknowledged lower limit may make equal bytes wrong', () => {
    const decoder = open({ tableBytes: 0 })
    const before = decoder.generation
    decoder.acknowledged()
    expect(decoder.generation).toBeGreaterThan(before)
  })

  it('decodes a Huffman-coded string of any length', () => {
    // 5 bytes are 8 letters of 5 bits.
    const hex = `0001 61 ffa9c201 ${'18c6318c63'.repeat(5_000)}`
    expect(decodeHex(open({ listBytes: 50_000 }), hex)).toEqual(['a', 'a'.repeat(40_000)])
  })
})

describe('a list that is too large', () => {
  it('may cost the limit and not a byte more', () => {
    const [name, value] = fieldOf('a', 100)
    const hex = `0001${Buffer.from(name as string).toString('hex')}43${Buffer.from(value as string).toString('hex')}`
    expect(decodeHex(open({ listBytes: 100 }), hex)).toEqual([name, value])
    expect(decodeHex(open({ listBytes: 99 }), hex)).toBe('too-large')
  })

  it('is decoded to its end, so that the table stays in step', () => {
    const decoder = open({ listBytes: 40 })
    expect(decodeHex(decoder, `82 82 ${CUSTOM}`)).toBe('too-large')
    expect(decodeHex(decoder, 'be')).toEqual(['a', 'b'])
  })

  it('is still refused for what is wrong behind the limit', () => {
    expectRefused(open({ listBytes: 40 }), '82 82 80', 'index 0')
    expectRefused(open({ listBytes: 40 }), '82 82 0001 61 821fff', 'padding')
  })

  it('stays so for a bomb: thousands of references to one large field', () => {
    const decoder = open({ listBytes: 8_192 })
    const large = fieldOf('a', 4_000)
    const bomb = Buffer.alloc(16_000, 0xbe)
    expect(decodeHex(decoder, `4001 61 7f801e ${'78'.repeat(3_967)}`)).toEqual(large)
    expect(decoder.decode(bomb, 0, 2)).toEqual([...large, ...large])
    expect(decoder.decode(bomb, 0, bomb.length)).toBe('too-large')
  })
})
