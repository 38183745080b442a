import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSize, parseSize } from '../../src/base/size.ts'

describe('a size', () => {
  it.each([
    ['512B', 512],
    ['4KiB', 4_096],
    ['4KB', 4_000],
    ['10MB', 10_000_000],
    ['64MiB', 67_108_864],
    ['1.5GiB', 1_610_612_736],
    ['1GB', 1_000_000_000],
    ['0', 0],
  ])('reads %s as %i bytes', (text, value) => {
    expect(parseSize(text)).toEqual({ ok: true, value })
  })

  it('asks for a unit where there is none', () => {
    expect(parseSize('1024')).toEqual({ ok: false, why: 'has no unit; write a unit, such as 64MiB' })
  })

  it.each(['', '64 MiB', '64mb', '64M', '-1B', '64MiBs', 'MiB'])('refuses %j', (text) => {
    expect(parseSize(text)).toMatchObject({ ok: false, why: expect.stringContaining('is not a size') })
  })

  it('refuses parts of a byte, and what no number holds exactly', () => {
    expect(parseSize('0.5B')).toMatchObject({ ok: false, why: expect.stringContaining('no whole number of bytes') })
    expect(parseSize('999999999999GiB')).toMatchObject({ ok: false, why: expect.stringContaining('too large') })
  })

  it.each([
    [0, '0B'],
    [67_108_864, '64MiB'],
    [10_000_000, '10MB'],
    [1_025, '1025B'],
  ])('shows %i bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })

  it('reads back what it shows', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => {
        expect(parseSize(formatSize(bytes))).toEqual({ ok: true, value: bytes })
      }),
    )
  })
})
