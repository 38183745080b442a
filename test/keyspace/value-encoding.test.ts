import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickFields } from '../../src/keyspace/value-encoding.ts'
import { type Packable, packed } from '../../src/origin/msgpack-writer.ts'
import { unpacked } from '../support/unpacked.ts'

const NAMES = ['a', 'b', 'name', '', 'ä', '"', '\\', 'a.b', '__proto__', '\u0001']
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'grapheme', maxLength: 40 }))
const asked = fc.uniqueArray(name, { maxLength: 6 })
const json = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, '}', '{"a":1}', '\\"', ',', ':', 0, -1),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 20, noNullPrototype: true }),
}))

/** What picking on the decoded object gives. */
function picked(object: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([one]) => names.includes(one)))
}

/** JSON with blanks and escapes that nobody needs. */
function spelledOut(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(spelledOut).join(' ,\n')}\t]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([one, inner]) => {
    const escaped = [...one].map((character) => escapedUnits(character)).join('')
    return `"${escaped}" :\r\n${spelledOut(inner)} `
  })
  return ` {${members.join(', ')}} `
}

const escapedUnits = (text: string) =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

describe('the fields of a JSON object', () => {
  const fieldsOf = (text: string, names: readonly string[]) => pickFields('json', Buffer.from(text), new Set(names))
  const read = (text: string, names: readonly string[]) => JSON.parse(fieldsOf(text, names)?.toString() ?? 'null')

  it('are those that picking on the decoded object gives, however it is written', () => {
    fc.assert(
      fc.property(json.object, asked, (object, names) => {
        const wanted = picked(object, [...names, ...Object.keys(object).slice(0, 2)])
        const all = [...names, ...Object.keys(object).slice(0, 2)]
        expect(read(JSON.stringify(object), all)).toEqual(JSON.parse(JSON.stringify(wanted)))
        expect(read(spelledOut(object), all)).toEqual(JSON.parse(JSON.stringify(wanted)))
      }),
      { numRuns: 500 },
    )
  })

  it('keep every digit and every byte', () => {
    const text = '{"id": 12345678901234567890, "price": 1.10, "name": "\\u00e4"}'
    expect(fieldsOf(text, ['price', 'id'])?.toString()).toBe('{"id": 12345678901234567890,"price": 1.10}')
    expect(fieldsOf(text, ['name'])?.toString()).toBe('{"name": "\\u00e4"}')
  })

  it('are none where the object has none of them', () => {
    expect(fieldsOf('{"a":1}', ['b'])?.toString()).toBe('{}')
    expect(fieldsOf(' { } ', ['b'])?.toString()).toBe('{}')
  })

  it.each([
    '',
    'null',
    '42',
    '"{}"',
    '[{"a":1}]',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":[1}',
    '{"a":1}}',
    '{a:1}',
    '{"a":1,}',
    '{"a":1}x',
    '{"\\x":1}',
  ])('are asked in vain of %j', (text) => {
    expect(fieldsOf(text, ['a'])).toBeUndefined()
  })
})

describe('the fields of a MessagePack map', () => {
  it('are those that picking on the decoded map gives', () => {
    fc.assert(
      fc.property(json.object, asked, (object, names) => {
        const all = [...names, ...Object.keys(object).slice(0, 2)]
        const fields = pickFields('msgpack', packed(object as Packable), new Set(all))
        expect(fields).toEqual(packed(picked(object, all) as Packable))
      }),
      { numRuns: 500 },
    )
  })

  it('pass over what JSON does not have: bytes, extensions, floats, keys that are no strings', () => {
    const members = [
      'a10190', // "a": []
      '0102', // 1: 2
      'a3657874d5010203', // "ext": fixext 2
      'a362696ec403010203', // "bin": bin 8
      'a3666c74ca3f800000', // "flt": float 32
      'a365787ac7020a0102', // "exz": ext 8
      'c0a16e', // nil: "n"
      'a162c3', // "b": true
    ]
    // The first one is written as a map of 32 bits with one name too long for its place.
    const map = Buffer.from(`df00000007${members.slice(1).join('')}`, 'hex')
    expect(pickFields('msgpack', map, new Set(['b', 'flt']))?.toString('hex')).toBe('82a3666c74ca3f800000a162c3')
    expect(pickFields('msgpack', map, new Set(['bin']))?.toString('hex')).toBe('81a362696ec403010203')
  })

  it('are read where there are more than sixteen, and more than 65,535', () => {
    for (const members of [17, 70_000]) {
      const object = Object.fromEntries(Array.from({ length: members }, (_, place) => [`m${place}`, place]))
      const all = new Set(Object.keys(object))
      expect(pickFields('msgpack', packed(object), all)).toEqual(packed(object))
    }
  })

  it.each(['', 'c0', '2a', '91a161', '81', '81a161', '81a16101ff', '82a16101', '81c101', '81a161c403', 'df0000'])(
    'are asked in vain of %j',
    (hex) => {
      expect(pickFields('msgpack', Buffer.from(hex, 'hex'), new Set(['a']))).toBeUndefined()
    },
  )

  it('never break on bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const encoding of ['json', 'msgpack'] as const) pickFields(encoding, Buffer.from(bytes), new Set(['a']))
      }),
      { numRuns: 5_000 },
    )
  })
})

/** What a reader makes of it: integers of 64 bits are bigints. */
function asRead(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRead)
  if (typeof value === 'number') return isLong(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([one, inner]) => [one, asRead(inner)]))
}

const isLong = (value: number) => Number.isSafeInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000)

describe('what a MessagePack writer writes', () => {
  it('is read by a reader as what it was', () => {
    fc.assert(
      fc.property(json.value, (value) => {
        expect(unpacked(packed(value as Packable))).toEqual(asRead(value))
      }),
      { numRuns: 500 },
    )
  })

  // From the specification: github.com/msgpack/msgpack/blob/master/spec.md
  it.each<[Packable, string]>([
    [null, 'c0'],
    [127, '7f'],
    [128, 'cc80'],
    [256, 'cd0100'],
    [65_536, 'ce00010000'],
    [4_294_967_296, 'cf0000000100000000'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [-2_147_483_649, 'd3ffffffff7fffffff'],
    [18_446_744_073_709_551_615n, 'cfffffffffffffffff'],
    [-(2n ** 63n), 'd38000000000000000'],
    [2n ** 64n, 'cb43f0000000000000'],
    [1.5, 'cb3ff8000000000000'],
    ['a', 'a161'],
    ['x'.repeat(32), `d920${'78'.repeat(32)}`],
    [{ compact: true, schema: 0 }, '82a7636f6d70616374c3a6736368656d6100'],
  ])('is, of %o, what the specification has', (value, hex) => {
    expect(packed(value).toString('hex')).toBe(hex)
  })
})
