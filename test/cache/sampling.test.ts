import { describe, expect, it } from 'vitest'
import type { Chance } from '../../src/base/chance.ts'
import { Sampling } from '../../src/cache/sampling.ts'

/** The Park-Miller generator: the same numbers in every run. */
function seededChance(seed: number): Chance & { asked: number } {
  let state = seed
  return {
    asked: 0,
    uniform() {
      this.asked += 1
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    },
    bytes: (size) => Buffer.alloc(size),
  }
}

const taken = (sampling: Sampling, of: number): number =>
  Array.from({ length: of }, () => sampling.takes()).filter(Boolean).length

describe('a sample of what passes', () => {
  it.each([0.001, 0.01, 0.1, 0.5, 0.9])('has the share of %d', (share) => {
    const of = 1_000_000
    const expected = of * share
    const deviation = Math.sqrt(of * share * (1 - share))
    const got = taken(new Sampling(share, seededChance(42)), of)
    expect(Math.abs(got - expected)).toBeLessThan(4 * deviation)
  })

  it('is all of it at 100 %, and nothing at 0 %', () => {
    expect(taken(new Sampling(1, seededChance(1)), 1_000)).toBe(1_000)
    expect(taken(new Sampling(1, { uniform: () => 0, bytes: () => Buffer.alloc(0) }), 1_000)).toBe(1_000)
    expect(taken(new Sampling(0, seededChance(1)), 1_000)).toBe(0)
  })

  it('asks chance once for each that is taken, not for each that passes', () => {
    const chance = seededChance(7)
    const got = taken(new Sampling(0.01, chance), 100_000)
    expect(chance.asked).toBe(got + 1)
  })

  it('has no rhythm', () => {
    const sampling = new Sampling(0.1, seededChance(3))
    const gaps = new Set<number>()
    for (let count = 0, gap = 1; count < 1_000; gap += 1) {
      if (!sampling.takes()) continue
      gaps.add(gap)
      gap = 0
      count += 1
    }
    expect(gaps.size).toBeGreaterThan(20)
  })
})
