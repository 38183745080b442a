import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/origin/json-text.ts'

describe('a JSON text', () => {
  it('is read as JSON.parse does, with or without long numbers in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isLong) => {
        // Of whole numbers beyond 2^53 the next test tells.
        fc.pre(!/\d{16}/.test(JSON.stringify(value)))
        const text = JSON.stringify(isLong ? [value, 1234567890123456] : value)
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('keeps whole numbers that a double does not hold, and strings that look like them', () => {
    const text =
      '{"a": 12345678901234567890, "b": [-9223372036854775808, 1.2345678901234567], "c": "12345678901234567890", "12345678901234567890": 1}'
    expect(parseJson(text)).toEqual({
      a: 12345678901234567890n,
      b: [-9223372036854775808n, 1.2345678901234567],
      c: '12345678901234567890',
      '12345678901234567890': 1,
    })
  })

  it('keeps strings that begin with the character by which long numbers are marked', () => {
    const value = { '\0a': '\0', b: ['\0\0', '\u00001'], c: 1_234_567_890_123_456 }
    expect(parseJson(JSON.stringify(value))).toEqual(value)
  })
})
