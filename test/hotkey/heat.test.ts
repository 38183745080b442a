import { describe, expect, it } from 'vitest'
import { Heat } from '../../src/hotkey/heat.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const everywhere = () => true
const bySlash = (shard: string) => (key: string) => key.startsWith(`${shard}/`)

function times(count: number, run: () => void): void {
  for (let time = 0; time < count; time += 1) run()
}

describe('Heat', () => {
  it('tells a shard what was asked of its keys, and once only', () => {
    const heat = new Heat(new ManualClock(), new SeededChance(1))
    times(5, () => heat.read('a/1'))
    times(3, () => heat.shardRead('a/1', 'a'))
    heat.write('a/1')
    times(7, () => heat.read('b/1'))
    expect(heat.tell('a', bySlash('a'))).toMatchObject({
      shard: 'a',
      candidates: [{ key: 'a/1', reads: 5, shardReads: 3, writes: 1 }],
      shardReads: 3,
      allReads: 3,
    })
    expect(heat.tell('a', bySlash('a'))).toMatchObject({ candidates: [], shardReads: 0, allReads: 0 })
    expect(heat.tell('b', bySlash('b')).candidates).toEqual([{ key: 'b/1', reads: 7, shardReads: 0, writes: 0 }])
  })

  it('counts keys in two pieces with those in one', () => {
    const heat = new Heat(new ManualClock(), new SeededChance(1))
    heat.read('prod:product:v3::42')
    heat.readText({ prefix: 'prod:product:v3::', bytes: Buffer.from('42'), start: 0, end: 2 })
    expect(heat.tell('a', everywhere).candidates).toEqual([
      { key: 'prod:product:v3::42', reads: 2, shardReads: 0, writes: 0 },
    ])
  })

  it('tells each shard what all shards had to do since that one was last told', () => {
    const heat = new Heat(new ManualClock(), new SeededChance(1))
    times(10, () => heat.shardRead('a/1', 'a'))
    // A copy: a read of the key, sent to another shard.
    times(4, () => heat.shardRead('a/1', 'b'))
    expect(heat.tell('a', bySlash('a'))).toMatchObject({ shardReads: 10, allReads: 14 })
    times(6, () => heat.shardRead('a/1', 'b'))
    expect(heat.tell('b', bySlash('b'))).toMatchObject({ shardReads: 10, allReads: 20, candidates: [] })
    expect(heat.tell('a', bySlash('a'))).toMatchObject({
      shardReads: 0,
      allReads: 6,
      candidates: [{ key: 'a/1', shardReads: 6 }],
    })
  })

  it('tells again what nobody heard', () => {
    const heat = new Heat(new ManualClock(), new SeededChance(1))
    times(5, () => heat.shardRead('a/1', 'a'))
    times(2, () => heat.write('a/1'))
    const told = heat.tell('a', everywhere)
    heat.shardRead('a/1', 'a')
    heat.untold(told)
    expect(heat.tell('a', everywhere)).toMatchObject({
      candidates: [{ key: 'a/1', reads: 6, shardReads: 6, writes: 2 }],
      shardReads: 6,
      allReads: 6,
    })
  })

  it('does not tell a shard that was silent for long of all that time, which would look like a burst', async () => {
    const clock = new ManualClock()
    const heat = new Heat(clock, new SeededChance(1))
    for (let second = 0; second < 60; second += 1) {
      times(100, () => heat.shardRead('a/1', 'a'))
      await clock.advance(1_000)
      heat.untold(heat.tell('a', everywhere))
    }
    const { shardReads, candidates } = heat.tell('a', everywhere)
    expect(shardReads).toBeLessThanOrEqual(1_100)
    expect(candidates[0]?.shardReads).toBe(shardReads)
  })

  it('does not tell of writes from before a key was read', async () => {
    const clock = new ManualClock()
    const heat = new Heat(clock, new SeededChance(1))
    times(1_000, () => heat.write('a/1'))
    await clock.advance(1_000)
    heat.tell('a', everywhere)
    times(50, () => heat.shardRead('a/1', 'a'))
    heat.write('a/1')
    expect(heat.tell('a', everywhere).candidates).toEqual([{ key: 'a/1', reads: 50, shardReads: 50, writes: 1 }])
  })

  it('knows what its own readers ask for per second', async () => {
    const clock = new ManualClock()
    const heat = new Heat(clock, new SeededChance(1))
    for (let second = 0; second < 20; second += 1) {
      times(50, () => heat.read('warm'))
      times(20, () => heat.read('lukewarm'))
      times(10, () => heat.shardRead('lukewarm', 'a'))
      heat.write('lukewarm')
      await clock.advance(1_000)
      heat.tell('a', everywhere)
    }
    const [first, second] = heat.hottest(10)
    expect(first?.key).toBe('warm')
    expect(first?.readsPerSecond).toBeCloseTo(50, 0)
    expect(second?.key).toBe('lukewarm')
    expect(second?.readsPerSecond).toBeCloseTo(20, 0)
    expect(second?.shardReadsPerSecond).toBeCloseTo(10, 0)
    expect(second?.writesPerSecond).toBeCloseTo(1, 1)
    expect(heat.hottest(1)).toHaveLength(1)
  })

  it('tells of a key that is lukewarm in each of many sidecars, soon and about as much as it is read', async () => {
    const clock = new ManualClock()
    const fleet = Array.from({ length: 200 }, (_, seed) => new Heat(clock, new SeededChance(seed)))
    const chance = new SeededChance(0)
    // Twelve keys of its own that are hotter, and a long tail.
    const ask = (heat: Heat, pod: number) => {
      for (let own = 0; own < 12; own += 1) times(20, () => heat.read(`own-${pod}-${own}`))
      times(200, () => heat.read(`tail-${Math.floor(chance.uniform() * 5_000)}`))
      times(5, () => heat.read('everybody'))
    }
    const heardOf = (heat: Heat) =>
      heat.tell('a', everywhere).candidates.find(({ key }) => key === 'everybody')?.reads ?? 0
    let heard = 0
    for (let second = 1; second <= 20; second += 1) {
      for (const [pod, heat] of fleet.entries()) ask(heat, pod)
      await clock.advance(1_000)
      heard += fleet.map(heardOf).reduce((sum, reads) => sum + reads)
      // Whoever is drawn tells of all the time before.
      if (second === 5) expect(heard).toBeGreaterThan(0.25 * 5 * 1_000)
    }
    expect(heard).toBeGreaterThan(0.75 * 20 * 1_000)
    expect(heard).toBeLessThanOrEqual(20 * 1_000)
  })
})
