import { describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { MINUTES } from './mutants.ts'
import { simulateBehind } from './simulate-behind.ts'

const SEEDS = 60

describe('what waits for its table, simulated', () => {
  it(`arrives, the newest last and every addition once, on ${SEEDS} seeds`, { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violation, faults, acknowledged, commits } = await simulateBehind({ seed, minutes: MINUTES })
      expect(violation, `npm run simulate -- --behind --seed ${seed} --minutes ${MINUTES}`).toBeUndefined()
      expect(faults).toBeGreaterThan(5)
      expect(acknowledged).toBeGreaterThan(100)
      expect(commits).toBeGreaterThan(50)
    }
  })

  it('does so on a fresh seed, for longer', { timeout: 600_000 }, async () => {
    const seed = systemChance.bytes(4).readUInt32BE(0)
    const { violation } = await simulateBehind({ seed, minutes: 3 })
    expect(violation, `npm run simulate -- --behind --seed ${seed} --minutes 3`).toBeUndefined()
  })

  it('is the same history for the same seed', async () => {
    const [first, again] = [
      await simulateBehind({ seed: 7, minutes: 0.2 }),
      await simulateBehind({ seed: 7, minutes: 0.2 }),
    ]
    expect(again).toEqual(first)
  })
})
