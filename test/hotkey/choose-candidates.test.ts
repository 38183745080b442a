import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseCandidates } from '../../src/hotkey/choose-candidates.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const everywhere = () => true
const keysOf = (name: string, pending: readonly number[]) =>
  pending.map((count, number) => ({ key: `${name}-${number}`, pending: count }))

describe('candidates', () => {
  it('are the hottest in the shared tier and among all reads, and some of the others', () => {
    const shardReads = keysOf('tier', [1, 2, 30, 40, 50, 60, 70, 80])
    const reads = keysOf('near', [1, 2, 300, 400, 500, 600, 700, 800])
    const chosen = chooseCandidates({ reads, shardReads }, everywhere, new SeededChance(1))
    expect(chosen.slice(0, 6)).toEqual(['tier-7', 'tier-6', 'tier-5', 'tier-4', 'tier-3', 'tier-2'])
    expect(chosen.slice(6, 12)).toEqual(['near-7', 'near-6', 'near-5', 'near-4', 'near-3', 'near-2'])
    expect(chosen.slice(12).toSorted()).toEqual(['near-0', 'near-1', 'tier-0', 'tier-1'])
  })

  it('are at most 16, of those that belong there with anything to tell, and none twice', () => {
    const counted = fc.array(fc.record({ key: fc.nat(60).map(String), pending: fc.nat(5) }), { maxLength: 100 })
    fc.assert(
      fc.property(counted, counted, fc.nat(3), fc.integer(), (reads, shardReads, part, seed) => {
        const belongs = (key: string) => Number(key) % 4 === part
        const chosen = chooseCandidates({ reads, shardReads }, belongs, new SeededChance(seed))
        const eligible = new Set([...reads, ...shardReads].filter(({ pending }) => pending > 0).map(({ key }) => key))
        const there = [...eligible].filter(belongs)
        expect(chosen.length).toBe(new Set(chosen).size)
        expect(chosen.length).toBeLessThanOrEqual(16)
        expect(chosen.length).toBeGreaterThanOrEqual(Math.min(4, there.length))
        expect(there).toEqual(expect.arrayContaining([...chosen]))
      }),
    )
  })

  it('are drawn in proportion to what there is to tell of them', () => {
    const chance = new SeededChance(1)
    const hottest = keysOf('hot', new Array<number>(12).fill(1_000))
    const others = [...keysOf('other', new Array<number>(400).fill(1)), { key: 'warm', pending: 10 }]
    const drawn = { warm: 0, warmer: 0 }
    for (let beat = 0; beat < 2_000; beat += 1) {
      const reads = [...hottest, ...others, { key: 'warmer', pending: 30 }]
      const chosen = chooseCandidates({ reads, shardReads: hottest }, everywhere, chance)
      if (chosen.includes('warm')) drawn.warm += 1
      if (chosen.includes('warmer')) drawn.warmer += 1
    }
    // Four draws, of 440 in all.
    expect(drawn.warm / 2_000).toBeCloseTo((4 * 10) / 440, 1)
    expect(drawn.warmer / drawn.warm).toBeGreaterThan(2.2)
    expect(drawn.warmer / drawn.warm).toBeLessThan(3.5)
  })
})
