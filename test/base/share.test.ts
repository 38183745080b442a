import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatShare, parseShare } from '../../src/base/share.ts'

describe('a share', () => {
  it.each([
    ['10%', 0.1],
    ['2.5%', 0.025],
    ['0%', 0],
    ['100%', 1],
  ])('reads %s as %d', (text, value) => {
    expect(parseShare(text)).toEqual({ ok: true, value })
  })

  it('asks for the percent sign where there is none', () => {
    expect(parseShare('0.1')).toEqual({ ok: false, why: 'has no percent sign; write a percentage, such as 10%' })
  })

  it.each(['', '101%', '-1%', '10 %', '%'])('refuses %j', (text) => {
    expect(parseShare(text)).toMatchObject({ ok: false, why: expect.stringContaining('is not a percentage') })
  })

  it('reads back what it shows', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), (hundredths) => {
        const share = hundredths / 100 / 100
        expect(parseShare(formatShare(share))).toMatchObject({ ok: true, value: expect.closeTo(share, 12) })
        expect(formatShare(share)).toBe(`${hundredths / 100}%`)
      }),
    )
  })
})
