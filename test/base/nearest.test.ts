import { describe, expect, it } from 'vitest'
import { byLikeness, nearest } from '../../src/base/nearest.ts'

const NAMES = ['ttl', 'softTtl', 'maxStaleness', 'origin']

describe('the nearest name', () => {
  it.each([
    ['maxStalenes', 'maxStaleness'],
    ['max_staleness', 'maxStaleness'],
    ['maxstaleness', 'maxStaleness'],
    ['tll', 'ttl'],
    ['orgin', 'origin'],
  ])('takes %s for %s', (wanted, meant) => {
    expect(nearest(wanted, NAMES)).toBe(meant)
  })

  it('is none where nothing is alike', () => {
    expect(nearest('compress', NAMES)).toBeUndefined()
    expect(nearest('b', ['a'])).toBeUndefined()
    expect(nearest('ttl', [])).toBeUndefined()
  })

  it('comes first in the order of likeness', () => {
    expect(byLikeness('sotfTtl', NAMES).slice(0, 2)).toEqual(['softTtl', 'ttl'])
  })
})
