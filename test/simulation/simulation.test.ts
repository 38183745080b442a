import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { isCaught, MINUTES, MUTANTS, RING_MINUTES } from './mutants.ts'
import { simulate } from './simulate.ts'

const SEEDS = 200
/** Answers, whatever happens to the shards. */
const LEAST_FROM_COPIES = 20
const RING_SEEDS = 20
const EMPTYING_SEEDS = 20
const BUMPING_SEEDS = 20
const TAGGED_SEEDS = 40

/** Rows of the table in docs/simulation.md: rule, what goes wrong, seed. */
function documented(): readonly (readonly [rule: string, wrong: string, seed: number])[] {
  const rows = readFileSync('docs/simulation.md', 'utf8').matchAll(/^\| `(\w+)` \| (.+) \| (\d+) \|$/gm)
  return [...rows].map(([, rule = '', wrong = '', seed]) => [rule, wrong, Number(seed)])
}

describe('the freshness contract, simulated', () => {
  it(`holds on ${SEEDS} seeds`, { timeout: 600_000 }, async () => {
    let near = 0
    let copy = 0
    let reads = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violations, counts, faults } = await simulate({ seed, minutes: MINUTES })
      expect(violations[0]?.report, `npm run simulate -- --seed ${seed} --minutes ${MINUTES}`).toBeUndefined()
      expect(faults).toBeGreaterThan(5)
      expect(counts.copy, `copies of seed ${seed}`).toBeGreaterThan(LEAST_FROM_COPIES)
      reads += counts.reads
      near += counts.near
      copy += counts.copy
    }
    expect(near / reads).toBeGreaterThan(0.1)
    expect(copy / reads).toBeGreaterThan(0.05)
  })

  it(`holds on ${RING_SEEDS} seeds while the nodes of the ring change`, { timeout: 600_000 }, async () => {
    let changes = 0
    for (let seed = 1; seed <= RING_SEEDS; seed += 1) {
      const { violations, ringChanges } = await simulate({ seed, minutes: RING_MINUTES, changingRing: true })
      const again = `npm run simulate -- --rings --seed ${seed} --minutes ${RING_MINUTES}`
      expect(violations[0]?.report, again).toBeUndefined()
      changes += ringChanges
    }
    // In some of the worlds nothing but other faults comes about in that time.
    expect(changes).toBeGreaterThan(2 * RING_SEEDS)
  })

  it(`holds on ${BUMPING_SEEDS} seeds while keyspaces are moved to their next versions`, {
    timeout: 600_000,
  }, async () => {
    let moved = 0
    for (let seed = 1; seed <= BUMPING_SEEDS; seed += 1) {
      const options = { seed, minutes: MINUTES, bumping: true, copies: false, emptying: seed % 2 === 0 }
      const { violations, counts } = await simulate(options)
      const again = `npm run simulate -- --bumping ${options.emptying ? '--emptying ' : ''}--seed ${seed} --minutes ${MINUTES}`
      expect(violations[0]?.report, again).toBeUndefined()
      moved += counts.bumps
    }
    expect(moved).toBeGreaterThan(5 * BUMPING_SEEDS)
  })

  it.each([false, true])(
    'holds while shards are emptied (and the nodes of the ring change: %s)',
    { timeout: 600_000 },
    async (changingRing) => {
      for (let seed = 1; seed <= EMPTYING_SEEDS; seed += 1) {
        const { violations } = await simulate({ seed, minutes: RING_MINUTES, changingRing, emptying: true })
        const again = `npm run simulate -- --emptying ${changingRing ? '--rings ' : ''}--seed ${seed} --minutes ${RING_MINUTES}`
        expect(violations[0]?.report, again).toBeUndefined()
      }
    },
  )

  it.each([false, true])(
    `holds on ${TAGGED_SEEDS} seeds while tags are invalidated (and shards emptied: %s)`,
    { timeout: 600_000 },
    async (emptying) => {
      for (let seed = 1; seed <= TAGGED_SEEDS; seed += 1) {
        const { violations } = await simulate({ seed, minutes: MINUTES, tagged: true, emptying })
        const again = `npm run simulate -- --tags ${emptying ? '--emptying ' : ''}--seed ${seed} --minutes ${MINUTES}`
        expect(violations[0]?.report, again).toBeUndefined()
      }
    },
  )

  it('holds on a fresh seed, for longer', { timeout: 600_000 }, async () => {
    const seed = systemChance.bytes(4).readUInt32BE(0)
    const { violations } = await simulate({ seed, minutes: 5 })
    expect(violations[0]?.report, `npm run simulate -- --seed ${seed} --minutes 5`).toBeUndefined()
  })

  it('is the same history for the same seed, and another for another', async () => {
    const [first, again, other] = [
      await simulate({ seed: 7, minutes: 0.2 }),
      await simulate({ seed: 7, minutes: 0.2 }),
      await simulate({ seed: 8, minutes: 0.2 }),
    ]
    expect(again.counts).toEqual(first.counts)
    expect(other.counts).not.toEqual(first.counts)
  })
})

describe('a rule that is missing', () => {
  it('is listed in docs/simulation.md, with what goes wrong without it', () => {
    const table = new Map(documented().map(([rule, wrong]) => [rule, wrong]))
    expect(Object.fromEntries(table)).toEqual(MUTANTS)
    expect(Object.keys(MUTANTS).toSorted()).toEqual(Object.keys(ALL_RULES).toSorted())
  })

  it.each(documented())('is noticed: %s', { timeout: 120_000 }, async (rule, _wrong, seed) => {
    const isNoticed = await isCaught(rule as keyof Rules, seed)
    expect(isNoticed, 'seeds have moved: npm run simulate -- --mutants finds them anew').toBe(true)
  })
})
