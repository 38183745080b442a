import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoted } from '../../src/base/quoted.ts'

describe('a quoted text', () => {
  it('shows printable text as it is, in any script', () => {
    expect(quoted('müsli:42')).toBe('"müsli:42"')
  })

  it('escapes what does not print', () => {
    expect(quoted('a\n\u007f\u0085\u2028\ud800"\\')).toBe('"a\\u{a}\\u{7f}\\u{85}\\u{2028}\\u{d800}\\"\\\\"')
  })

  it('cuts after 40 characters without halving one', () => {
    expect(quoted('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`)
    expect(quoted('x'.repeat(41))).toBe(`"${'x'.repeat(40)}…"`)
    expect(quoted('😀'.repeat(41))).toBe(`"${'😀'.repeat(40)}…"`)
  })

  it('never lets a control character or a lone surrogate through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(quoted(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})
