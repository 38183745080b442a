import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HeatCandidate } from '../../src/store/heat.ts'
import { HeatTable } from '../../src/store/memory/heat-table.ts'

const HALF_MS = 500
const KEY = 'env:product:v1::sale'

interface Load {
  /** Reads per second of the key that reach the tier, of all keys at all shards, and writes of the key. */
  readonly reads: number
  readonly all: number
  readonly writes?: number
  readonly shards?: number
  readonly most?: number
}

/** A table, and time that is moved by hand. */
class Loop {
  readonly #table = new HeatTable()
  #nowMs = 1_000_000

  /** Two reports a second under such load; how many copies there were after each. */
  run(seconds: number, { reads, all, writes = 0, shards = 4, most = 4 }: Load): readonly number[] {
    return Array.from({ length: seconds * 2 }, () => {
      const share = HALF_MS / 1_000
      const candidate: HeatCandidate = {
        key: KEY,
        reads: reads * share,
        shardReads: reads * share,
        writes: writes * share,
        most,
      }
      const report = {
        candidates: reads > 0 ? [candidate] : [],
        shardReads: (all * share) / shards,
        meanReads: (all * share) / shards,
        leastRate: 200,
        target: 0.25,
        known: '',
      }
      this.#nowMs += HALF_MS
      return this.#table.tell(report, this.#nowMs * 1_000).copies?.[0]?.copies ?? 0
    })
  }
}

const CALM = { reads: 10, all: 10_000 }
const SALE = { reads: 6_000, all: 10_000 }
const changes = (copies: readonly number[]) => copies.filter((one, place) => place > 0 && one !== copies[place - 1])

it('grows within two surveys of the onset, and stays', () => {
  const loop = new Loop()
  expect(new Set(loop.run(30, CALM))).toEqual(new Set([0]))
  const copies = loop.run(30, SALE)
  expect(copies.findIndex((one) => one > 0)).toBeLessThan(2)
  expect(copies.indexOf(4)).toBeLessThan(4)
  expect(changes(copies)).toEqual(changes(copies).toSorted())
})

it('falls back by one every eight seconds, to none within a minute of the end', () => {
  const loop = new Loop()
  loop.run(30, SALE)
  const copies = loop.run(60, CALM)
  expect(changes(copies)).toEqual([3, 2, 1, 0])
  const after = (count: number) => copies.lastIndexOf(count) * HALF_MS
  expect(after(4)).toBeGreaterThan(8_000)
  expect(after(3) - after(4)).toBe(8_000)
  expect(copies.at(-1)).toBe(0)
})

it('falls back to none within a minute from however many', () => {
  const loop = new Loop()
  expect(loop.run(10, { ...SALE, shards: 100, most: 99 }).at(-1)).toBe(99)
  expect(loop.run(60, { reads: 0, all: 10_000, shards: 100 }).at(-1)).toBe(0)
})

it.each([
  // 1,000 reads a second of 4,000 at so many shards; each place may have a quarter of the mean shard's.
  { shards: 2, copies: 1 },
  { shards: 4, copies: 3 },
  { shards: 100, copies: 99 },
])('has as many copies as bring each place down to the target, with $shards shards', ({ shards, copies }) => {
  const loop = new Loop()
  expect(loop.run(10, { reads: 1_000, all: 4_000, shards, most: 1e3 }).at(-1)).toBe(copies)
})

it('gives no copies below the least rate, whatever the share', () => {
  expect(new Set(new Loop().run(30, { reads: 150, all: 160 }))).toEqual(new Set([0]))
})

it('gives none beyond what is allowed, and none where none are allowed', () => {
  expect(new Set(new Loop().run(10, { ...SALE, most: 0 }))).toEqual(new Set([0]))
  expect(Math.max(...new Loop().run(10, { ...SALE, most: 2 }))).toBe(2)
})

it('takes all copies away at once where fewer are allowed by now', () => {
  const loop = new Loop()
  loop.run(10, SALE)
  expect(loop.run(1, { ...SALE, most: 0 })[0]).toBe(0)
})

it('takes all copies from a key that is changed too often within seconds, and gives it none for a while after', () => {
  const loop = new Loop()
  loop.run(10, SALE)
  const hot = loop.run(10, { ...SALE, writes: 900 })
  expect(hot.indexOf(0)).toBeLessThan(6)
  expect(hot.at(-1)).toBe(0)
  const cooled = loop.run(30, SALE)
  expect(cooled.slice(0, 16).every((one) => one === 0)).toBe(true)
  expect(cooled.at(-1)).toBe(4)
})

it('gives a key that is changed too often none from the start', () => {
  expect(new Set(new Loop().run(30, { ...SALE, writes: 900 }))).toEqual(new Set([0]))
})

it('does not flap at a threshold, of growth, of the least rate or of writes, however reads and writes vary around it', () => {
  const thresholds: readonly Load[] = [
    { reads: 1_250, all: 10_000 },
    { reads: 200, all: 210 },
    { ...SALE, writes: 600 },
  ]
  for (const load of thresholds) {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 120, maxLength: 120 }),
        (noise) => {
          const loop = new Loop()
          const copies = noise.flatMap((factor) => loop.run(0.5, { ...load, reads: load.reads * factor }))
          // It may grow, and then stays. By writes it may come and go, as often as a minute has eight seconds.
          expect(changes(copies).length).toBeLessThanOrEqual(load.writes === undefined ? 2 : 14)
        },
      ),
      { numRuns: 50 },
    )
  }
})
