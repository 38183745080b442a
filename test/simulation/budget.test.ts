import { describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { MINUTES } from './mutants.ts'
import { simulateBudget } from './simulate-budget.ts'

const SEEDS = 100

describe('the limit of an origin, simulated', () => {
  it(`holds on ${SEEDS} seeds, and is reached on most`, { timeout: 600_000 }, async () => {
    let reached = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violation, faults, queries, peak, limit } = await simulateBudget({ seed, minutes: MINUTES })
      expect(violation, `npm run simulate -- --budget --seed ${seed} --minutes ${MINUTES}`).toBeUndefined()
      expect(faults).toBeGreaterThan(5)
      expect(queries).toBeGreaterThan(20)
      if (peak === limit) reached += 1
    }
    expect(reached / SEEDS).toBeGreaterThan(0.4)
  })

  it('holds on a fresh seed, for longer', { timeout: 600_000 }, async () => {
    const seed = systemChance.bytes(4).readUInt32BE(0)
    const { violation } = await simulateBudget({ seed, minutes: 5 })
    expect(violation, `npm run simulate -- --budget --seed ${seed} --minutes 5`).toBeUndefined()
  })

  it('is the same history for the same seed', async () => {
    const [first, again] = [
      await simulateBudget({ seed: 7, minutes: 0.2 }),
      await simulateBudget({ seed: 7, minutes: 0.2 }),
    ]
    expect(again).toEqual(first)
  })
})

/** Of the time that a query has its place it runs at the database; the rest is its way there and back. */
const RUNS = 0.8

describe('in calm times, when everybody wants more than there is', () => {
  it.each([
    { limit: 16, fleet: 24, sidecars: 3, usable: 16 },
    { limit: 16, fleet: 8, sidecars: 8, usable: 16 },
    // The floors of six that are not there are kept free.
    { limit: 16, fleet: 10, sidecars: 4, usable: 10 },
  ])('the limit is used: %j', { timeout: 120_000 }, async ({ usable, ...calm }) => {
    const { meanRunning, peak, violation } = await simulateBudget({ seed: 1, minutes: 0.5, calm })
    expect(violation).toBeUndefined()
    expect(peak).toBe(usable)
    expect(meanRunning).toBeGreaterThan(0.85 * RUNS * usable)
  })

  it('nobody starves, though there are fewer places than sidecars', { timeout: 120_000 }, async () => {
    const calm = { limit: 2, fleet: 5, sidecars: 5 }
    const { answered, violation } = await simulateBudget({ seed: 1, minutes: 1, calm })
    expect(violation).toBeUndefined()
    expect(Math.min(...answered)).toBeGreaterThan(0.6 * Math.max(...answered))
  })
})
