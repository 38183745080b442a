import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { HeatCandidate, HeatReport } from '../../src/store/heat.ts'
import type { Line } from '../../src/store/line.ts'
import { RedisServer as RedisTier } from '../../src/store/redis/redis-server.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { shardGuard } from '../support/redis-shard.ts'
import { candidate, type Seen, TwoHeatTables } from './heat-rig.ts'

/** A little more than lies between two surveys. */
const SURVEY_MS = 510

let server: RedisServer
let line: Line
let both: TwoHeatTables

beforeAll(async () => {
  server = await startRedis()
  const tier = new RedisTier({ url: server.url, silenceMs: 60_000 }, { guard: shardGuard(10_000), clock: systemClock })
  line = await tier.dial(() => undefined)
})
afterAll(async () => {
  line.close()
  await server.stop()
})
beforeEach(() => {
  both = new TwoHeatTables(server, line)
})

/** One report of half a second of such rates, and the time behind it. */
async function half(
  rates: Readonly<Record<string, number>>,
  said: Partial<HeatCandidate & HeatReport> = {},
): Promise<Seen> {
  const keys = Object.entries(rates).map(([key, rate]) => candidate(key, { shardReads: rate / 2, ...said }))
  const seen = await both.tell(keys, said)
  await both.elapse(SURVEY_MS)
  return seen
}

async function seconds(count: number, rates: Readonly<Record<string, number>>, said = {}): Promise<Seen> {
  let seen: Seen | undefined
  for (let halves = 0; halves < count * 2; halves += 1) seen = await half(rates, said)
  return seen as Seen
}

describe('a table of heat, in Redis and in process', () => {
  it('gives a hot key copies with the next survey, tells how many to everyone, and the decision to one', async () => {
    expect(await half({ a: 1_000 })).toMatchObject({ isNew: true, copies: [], decided: [] })
    const found = await half({ a: 1_000 })
    expect(found.copies).toEqual([{ key: 'a', copies: 4 }])
    expect(found.decided).toMatchObject([{ key: 'a', from: 0, to: 4, share: expect.closeTo(1, 6) }])
    expect(await half({ a: 1_000 })).toMatchObject({ isNew: false, decided: [] })
    both.forget()
    expect(await half({ a: 1_000 })).toMatchObject({ isNew: true, copies: found.copies, decided: [] })
  })

  it('surveys no more than twice a second', async () => {
    const burst = (key: string) => both.tell([candidate(key, { shardReads: 1_000 })])
    await burst('a')
    await both.elapse(SURVEY_MS)
    expect((await burst('a')).decided).toMatchObject([{ key: 'a' }])
    expect(await burst('b')).toMatchObject({ isNew: false, decided: [] })
    await both.elapse(SURVEY_MS)
    expect((await both.tell([])).decided).toMatchObject([{ key: 'b' }])
  })

  it('tells the rates of keys, the hottest first, what share of the shard they are, and since when they have copies', async () => {
    const others = { reads: 1_000, writes: 5, shardReads: 200 }
    for (let halves = 0; halves < 20; halves += 1) {
      await both.tell([candidate('a', others), candidate('cold:with space', { shardReads: 10 })], { shardReads: 800 })
      await both.elapse(500)
    }
    const [a, cold, ...more] = await both.hottest()
    expect(more).toEqual([])
    expect(a).toMatchObject({ key: 'a', copies: 4 })
    // Between two reports sums are somewhat above, and somewhat below.
    const isAbout = (rate: number | undefined, actual: number) => {
      expect(rate).toBeGreaterThan(0.7 * actual)
      expect(rate).toBeLessThan(1.3 * actual)
    }
    isAbout(a?.readsPerSecond, 2_000)
    isAbout(a?.shardReadsPerSecond, 400)
    isAbout(a?.writesPerSecond, 10)
    expect(a?.share).toBeCloseTo(0.25 / 5, 6)
    expect(a?.sinceMs).toBeGreaterThan(8_000)
    expect(cold).toMatchObject({ key: 'cold:with space', copies: 0, sinceMs: 0 })
    expect(await both.hottest(1)).toHaveLength(1)
  })

  it('knows nothing before the first report', async () => {
    expect(await both.hottest()).toEqual([])
  })

  it('forgets what has grown cold', async () => {
    await seconds(1, { a: 20 })
    expect(await both.hottest()).toMatchObject([{ key: 'a' }])
    await both.elapse(20_000)
    await both.tell([])
    expect(await both.hottest()).toEqual([])
  })

  it('keeps at most 512 keys, the hottest and those with copies', async () => {
    await seconds(1, { hot: 2_000 })
    for (let first = 0; first < 600; first += 10) {
      const keys = Array.from({ length: 10 }, (_, number) =>
        candidate(`k${first + number}`, { shardReads: first + 50 }),
      )
      await both.tell(keys, { meanReads: 1e6 })
    }
    await both.elapse(2 * SURVEY_MS)
    await both.tell([], { meanReads: 1e6 })
    const kept = await both.hottest(1_000)
    expect(kept).toHaveLength(512)
    expect(kept.map(({ key }) => key)).toContain('hot')
    expect(kept.map(({ key }) => key)).not.toContain('k0')
  })

  it('does not wait for the time of a survey to forget, where twice as many were told of', async () => {
    for (let first = 0; first < 1_100; first += 10) {
      await both.tell(Array.from({ length: 10 }, (_, number) => candidate(`k${first + number}`, { shardReads: 50 })))
    }
    expect((await both.hottest(2_000)).length).toBeLessThan(1_024)
  })

  it('is built anew where it was lost: nobody has copies until it has seen who needs them', async () => {
    await seconds(1, { a: 1_000 })
    await both.lose()
    expect(await half({ a: 1_000 })).toMatchObject({ isNew: true, copies: [] })
    expect((await half({ a: 1_000 })).copies).toEqual([{ key: 'a', copies: 4 }])
  })

  it('is built anew where a release with another format wrote it', async () => {
    await seconds(1, { a: 1_000 })
    await both.rewrite()
    expect(await both.hottest()).toEqual([])
    expect(await half({ a: 1_000 })).toMatchObject({ isNew: true, copies: [] })
    expect((await half({ a: 1_000 })).copies).toEqual([{ key: 'a', copies: 4 }])
  })

  it('is built anew where nobody has reported for a minute, or its clock was set back so far', async () => {
    for (const ms of [61_000, -61_000]) {
      await seconds(1, { a: 1_000 })
      await both.elapse(ms)
      expect(await half({ b: 10 })).toMatchObject({ isNew: true, copies: [] })
      await half({ b: 10 })
      expect(await both.hottest()).toMatchObject([{ key: 'b' }])
    }
  })

  it('goes on where its clock was set back or forward a little', async () => {
    await seconds(2, { a: 1_000 })
    for (const ms of [-5_000, 5_000]) {
      await both.elapse(ms)
      await seconds(1, { a: 1_000 })
      expect((await both.hottest())[0]).toMatchObject({ key: 'a', copies: 4 })
    }
    await seconds(20, { b: 10 })
    expect((await both.hottest())[0]?.copies).toBeLessThan(4)
  })

  it('takes the smallest number of copies that any sidecar allows of late', async () => {
    await seconds(1, { a: 1_000 })
    await half({ a: 1_000 }, { most: 2 })
    expect((await half({ a: 1_000 })).copies).toEqual([{ key: 'a', copies: 2 }])
    await seconds(7, { a: 1_000 })
    expect((await both.hottest())[0]?.copies).toBe(2)
    await seconds(2, { a: 1_000 })
    expect((await both.hottest())[0]?.copies).toBe(4)
  })
})

type Step =
  | { readonly name: 'lose' | 'rewrite' | 'forget' | 'hottest' }
  | { readonly name: 'elapse'; readonly ms: number }
  | { readonly name: 'tell'; readonly candidates: readonly HeatCandidate[]; readonly said: Partial<HeatReport> }

const candidates = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    reads: fc.nat({ max: 2_000 }),
    shardReads: fc.constantFrom(0, 40, 100, 100, 900),
    writes: fc.constantFrom(0, 0, 0, 0, 9, 60),
    most: fc.constantFrom(4, 4, 4, 4, 9, 2, 0),
  }),
  { selector: ({ key }) => key, maxLength: 4 },
)
const tells: fc.Arbitrary<Step> = fc.record({
  name: fc.constant('tell' as const),
  candidates,
  said: fc.record(
    {
      meanReads: fc.constantFrom(0, 100, 400),
      target: fc.constantFrom(0.25, 0.5),
      leastRate: fc.constantFrom(50, 200),
    },
    { requiredKeys: [] },
  ),
})
const elapses: fc.Arbitrary<Step> = fc.record({
  name: fc.constant('elapse' as const),
  ms: fc.constantFrom(200, 510, 510, 1_100, 4_000, 8_100, 70_000, -300, -9_000),
})
const others: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom('lose' as const, 'rewrite' as const, 'forget' as const, 'hottest' as const, 'hottest' as const),
})

describe('both tables', () => {
  it('say the same to the same reports, whatever these are', async () => {
    const steps = fc.oneof(
      { weight: 6, arbitrary: tells },
      { weight: 4, arbitrary: elapses },
      { weight: 1, arbitrary: others },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60 }), async (run) => {
        both = new TwoHeatTables(server, line)
        for (const step of run) {
          if (step.name === 'tell') await both.tell(step.candidates, step.said)
          else if (step.name === 'elapse') await both.elapse(step.ms)
          else await both[step.name]()
        }
        await both.hottest()
      }),
      { numRuns: 300 },
    )
  })
})
