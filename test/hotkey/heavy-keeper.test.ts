import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeavyKeeper } from '../../src/hotkey/heavy-keeper.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const keeper = (seed = 1) => new HeavyKeeper(new SeededChance(seed))

function add(counts: HeavyKeeper, hash: number, times: number): number {
  let estimate = 0
  for (let time = 0; time < times; time += 1) estimate = counts.add(hash)
  return estimate
}

describe('HeavyKeeper', () => {
  it('counts a key exactly that nobody disturbs', () => {
    expect(add(keeper(), -123_456_789, 1_000)).toBe(1_000)
  })

  it('counts a key on in one row where another one holds its place in the other', () => {
    const counts = keeper()
    add(counts, 5, 1_000)
    // The same place as 5 in the first row only.
    expect(add(counts, 5 + (77 << 13), 100)).toBe(100)
    expect(counts.add(5)).toBe(1_001)
  })

  it('never says that a key came more often than it did', () => {
    // Few places, in both rows, for many keys.
    const hashes = fc.record({ low: fc.nat(2), high: fc.nat(2), rest: fc.nat(3) })
    const hash = hashes.map(({ low, high, rest }) => low | (high << 13) | (rest << 26))
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 500 }), fc.integer(), (stream, seed) => {
        const [counts, truth] = [keeper(seed), new Map<number, number>()]
        for (const one of stream) {
          truth.set(one, (truth.get(one) ?? 0) + 1)
          expect(counts.add(one)).toBeLessThanOrEqual(truth.get(one) as number)
        }
      }),
    )
  })

  it('keeps a frequent key among ten times as many passers-by as it has places', () => {
    const [counts, chance] = [keeper(), new SeededChance(2)]
    const frequent = 4_711
    let estimate = 0
    for (let time = 0; time < 2_000; time += 1) {
      estimate = counts.add(frequent)
      for (let other = 0; other < 80; other += 1) counts.add(chance.between(-(2 ** 31), 2 ** 31) | 0)
    }
    expect(estimate).toBeGreaterThan(1_900)
  })

  it('gives the place of a key that comes no more to one that does', () => {
    const counts = keeper()
    const [former, present] = [9, 9 + (1 << 26)]
    add(counts, former, 10)
    add(counts, present, 1_000)
    expect(add(counts, present, 1)).toBeGreaterThan(900)
    expect(counts.take(former)).toBe(0)
  })

  it('forgets with age', () => {
    const counts = keeper()
    add(counts, 7, 1_000)
    counts.age(0.25)
    expect(counts.add(7)).toBe(251)
    counts.age(0)
    expect(counts.add(7)).toBe(1)
  })

  it('lets a key be taken out with its count, and put back', () => {
    const counts = keeper()
    add(counts, 7, 10)
    expect(counts.take(7)).toBe(10)
    expect(counts.take(7)).toBe(0)
    counts.put(7, 12)
    expect(counts.add(7)).toBe(13)
  })
})
