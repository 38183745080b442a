import { describe, expect, it } from 'vitest'
import { formatRate, parseRate } from '../../src/base/rate.ts'

describe('a rate', () => {
  it('is so many a second', () => {
    expect(parseRate('5000/s')).toEqual({ ok: true, value: 5_000 })
    expect(formatRate(5_000)).toBe('5000/s')
  })

  it('asks for the unit where there is none', () => {
    expect(parseRate('5000')).toEqual({ ok: false, why: 'has no unit; write so many a second, such as 5000/s' })
  })

  it.each(['', '1.5/s', '-1/s', '5000 /s', '5000/m', 'fast'])('refuses %j', (text) => {
    expect(parseRate(text)).toMatchObject({ ok: false, why: expect.stringContaining('is not a rate') })
  })
})
