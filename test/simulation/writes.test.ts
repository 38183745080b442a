import { describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { MINUTES } from './mutants.ts'
import { simulateWrites } from './simulate-writes.ts'

const SEEDS = 25

describe('writers who race, simulated', () => {
  it(`leave cache and database agreed, on ${SEEDS} seeds`, { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violation, faults, counts } = await simulateWrites({ seed, minutes: MINUTES })
      expect(violation, `npm run simulate -- --writes --seed ${seed} --minutes ${MINUTES}`).toBeUndefined()
      expect(faults).toBeGreaterThan(5)
      expect(counts.acknowledged).toBeGreaterThan(100)
      expect(counts.unknown).toBeGreaterThan(10)
    }
  })

  it('do so on a fresh seed, for longer', { timeout: 600_000 }, async () => {
    const seed = systemChance.bytes(4).readUInt32BE(0)
    const { violation } = await simulateWrites({ seed, minutes: 2 })
    expect(violation, `npm run simulate -- --writes --seed ${seed} --minutes 2`).toBeUndefined()
  })

  it('is the same history for the same seed', async () => {
    const [first, again] = [
      await simulateWrites({ seed: 7, minutes: 0.1 }),
      await simulateWrites({ seed: 7, minutes: 0.1 }),
    ]
    expect(again).toEqual(first)
  })
})
