import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/base/duration.ts'

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['3s', 3_000],
    ['1.5s', 1_500],
    ['1.1s', 1_100],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['0', 0],
  ])('reads %s as %i ms', (text, value) => {
    expect(parseDuration(text)).toEqual({ ok: true, value })
  })

  it.each(['500', '1.5', '-3', '007'])('asks for a unit where there is none: %s', (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, why: 'has no unit; write a unit, such as 500ms' })
  })

  it.each(['', '3 s', '3S', '-3s', 's', '3s2ms', '1e3s', '3sec', ' 3s', '3s\n', '٣s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toMatchObject({ ok: false, why: expect.stringContaining('is not a duration') })
  })

  it('refuses what is finer than a millisecond, and what no number holds exactly', () => {
    expect(parseDuration('0.5ms')).toMatchObject({ ok: false, why: expect.stringContaining('finer than 1ms') })
    expect(parseDuration('999999999999999d')).toMatchObject({ ok: false, why: expect.stringContaining('too long') })
  })

  it.each([
    [0, '0s'],
    [200, '200ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [600_000, '10m'],
    [86_400_000, '1d'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('reads back what it shows', () => {
    fc.assert(
      fc.property(fc.nat({ max: 365 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toEqual({ ok: true, value: ms })
      }),
    )
  })
})
