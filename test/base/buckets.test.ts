import { describe, expect, it } from 'vitest'
import { Buckets } from '../../src/base/buckets.ts'

describe('Buckets', () => {
  it('counts a value under the first bound that is not below it, and beyond the last one apart', () => {
    const buckets = new Buckets([1, 5])
    for (const value of [0, 1, 1.1, 5, 6, 100]) buckets.add(value)
    expect(buckets.counts).toStrictEqual([2, 2, 2])
    expect(buckets.sum).toBeCloseTo(113.1)
  })
})
