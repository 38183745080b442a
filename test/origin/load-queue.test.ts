import { describe, expect, it } from 'vitest'
import { Party, type Passenger } from '../../src/flight/party.ts'
import { AdaptiveLimit } from '../../src/guard/adaptive-limit.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { buildOrigin, echo, type OriginSettings, range } from './scripted-adapter.ts'

const passenger = ({ answerBy = Number.POSITIVE_INFINITY, caller = '' } = {}): Passenger => ({
  answerBy,
  reader: { caller },
})
const party = (of: { answerBy?: number; caller?: string } = {}) => new Party(passenger(of))

/** An origin that answers when the test says so, and is busy with one query for each of its places. */
async function busyOrigin(options: OriginSettings = {}) {
  const built = buildOrigin(() => undefined, { maxConcurrent: 1, maxWaiting: 1_000, ...options })
  const { adapter, clock, load, own } = built
  for (let place = 0; place < own.maxConcurrent; place += 1) void load(`busy${place}`, { tenant: `${place}` })
  await clock.advance(0)
  /** Ends the query that was sent `index`-th, and lets the next one leave. */
  const answer = async (index: number) => {
    adapter.queries[index]?.answer.resolve(echo(adapter.queries[index]?.keys ?? []))
    await clock.advance(0)
  }
  /** What was sent since it became busy. */
  const sent = () => adapter.queries.slice(own.maxConcurrent).map(({ keys }) => keys)
  return { ...built, answer, sent }
}

/** The same, where a load is known to take a while; four places, all taken. */
async function knownOrigin(typicalMs: number, options: OriginSettings = {}) {
  const clock = new ManualClock()
  const classify = () => 'failure' as const
  const limit = new AdaptiveLimit({ floor: 4, ceiling: 4 }, { clock, classify })
  await clock.advance(typicalMs)
  limit.answered(0, 1)
  return { limit, ...(await busyOrigin({ ...options, clock, limit, maxConcurrent: 4 })) }
}

describe('keys that wait for a place at an origin', () => {
  it('leave in full queries, formed only when a place is free', async () => {
    const { clock, load, answer, sent, origin } = await busyOrigin({ batch: 3 })
    for (const key of ['a', 'b', 'c', 'd']) {
      void load(key)
      await clock.advance(1)
    }
    expect(origin.stats()).toMatchObject({ waiting: 4, inFlight: 1 })
    await answer(0)
    expect(sent()).toEqual([['a', 'b', 'c']])
    expect(origin.stats()).toMatchObject({ waiting: 1, inFlight: 1 })
    await answer(1)
    expect(sent()).toEqual([['a', 'b', 'c'], ['d']])
  })

  it('are joined by whoever wants the same key', async () => {
    const { clock, load, answer, sent, origin } = await busyOrigin()
    const first = load('a')
    await clock.advance(5)
    const second = load('a')
    await answer(0)
    await answer(1)
    expect(await Promise.all([first, second])).toEqual(['value of a', 'value of a'])
    expect(sent()).toEqual([['a']])
    expect(origin.stats().loads.miss).toBe(2)
  })

  it('leave hottest first: by their readers, those who joined while they waited included', async () => {
    const { clock, load, answer, sent } = await busyOrigin({ batch: 1 })
    const hot = party()
    for (const key of ['cold', 'hot', 'colder']) void load(key, { party: key === 'hot' ? hot : party() })
    await clock.advance(5)
    for (let reader = 0; reader < 9; reader += 1) hot.join(passenger())
    await answer(0)
    await answer(1)
    await answer(2)
    expect(sent()).toEqual([['hot'], ['cold'], ['colder']])
  })

  it('of one keyspace do not delay those of another', async () => {
    const { clock, load, answer, sent } = await busyOrigin({ batch: 10 })
    for (const key of range(0, 500)) void load(key)
    await clock.advance(5)
    void load('other', { keyspace: 'price' })
    await clock.advance(5)
    await answer(0)
    await answer(1)
    expect(sent()[1]).toEqual(['other'])
  })

  it('of one caller do not delay those of another', async () => {
    const { clock, load, answer, sent } = await busyOrigin({ batch: 10 })
    for (const key of range(0, 500)) void load(key, { party: party({ caller: 'flood' }) })
    await clock.advance(5)
    void load('other', { party: party({ caller: 'quiet' }) })
    await clock.advance(5)
    await answer(0)
    expect(sent()[0]).toHaveLength(10)
    expect(sent()[0]).toContain('other')
  })

  it('of one caller do not delay those of another that wants one of the same', async () => {
    const { clock, load, answer, sent } = await busyOrigin({ batch: 2 })
    const parties = range(0, 50).map(() => party({ caller: 'flood' }))
    for (const [key, wanting] of parties.entries()) void load(String(key), { party: wanting })
    await clock.advance(5)
    // All of them are as hot as the one that the other caller joins.
    for (const wanting of parties.slice(0, 49)) wanting.join(passenger({ caller: 'flood' }))
    parties[49]?.join(passenger({ caller: 'quiet' }))
    await answer(0)
    expect(sent()[0]).toEqual(['0', '49'])
  })

  it('are refused when too many wait: the newest of whoever has most waiting', async () => {
    const { clock, load, origin, answer, sent } = await busyOrigin({ batch: 10, maxWaiting: 4 })
    const flood = range(0, 4).map((key) => load(key))
    await clock.advance(1)
    const late = load('4')
    const other = load('other', { keyspace: 'price' })
    await clock.advance(1)
    expect(await late).toMatchObject({ reason: 'ORIGIN_LIMIT', retryAfterMs: 1_000 })
    expect(await flood[3]).toMatchObject({ reason: 'ORIGIN_LIMIT', message: expect.stringContaining('made room') })
    expect(origin.stats()).toMatchObject({ waiting: 4, rejected: { limit: 1, displaced: 1 } })
    await answer(0)
    await answer(1)
    expect(sent()).toEqual([['0', '1', '2'], ['other']])
    await answer(2)
    expect(await other).toBe('value of other')
  })

  it('count against the limit only when they could not leave in the tick in which they came', async () => {
    const { loadAll } = buildOrigin(echo, { batch: 100, maxConcurrent: 10, maxWaiting: 0 })
    const keys = range(0, 1_000)
    expect(await loadAll(keys)).toEqual(keys.map((key) => `value of ${key}`))
  })

  it('wait until the moment after which a load could not bring the answer in time', async () => {
    const { clock, load, origin } = await knownOrigin(100)
    const begunAt = clock.now()
    let outcome: unknown
    void load('a', { party: party({ answerBy: begunAt + 500 }) }).then((error) => {
      outcome = error
    })
    await clock.advance(399)
    expect(outcome).toBe(undefined)
    await clock.advance(1)
    expect(outcome).toMatchObject({ reason: 'ORIGIN_LIMIT', message: 'origin catalog had no place free in time' })
    expect(origin.stats()).toMatchObject({ waiting: 0, rejected: { deadline: 1 } })
  })

  it('wait for the reader who can wait longest', async () => {
    const { clock, load, answer } = await knownOrigin(100)
    const both = party({ answerBy: clock.now() + 200 })
    const loading = load('a', { party: both })
    await clock.advance(50)
    both.join(passenger({ answerBy: clock.now() + 800 }))
    await clock.advance(300)
    await answer(0)
    await answer(4)
    expect(await loading).toBe('value of a')
  })

  it('are refused at once where no place is free and a load takes longer than the reader can wait', async () => {
    const { clock, load, origin } = await knownOrigin(100)
    const loading = load('a', { party: party({ answerBy: clock.now() + 100 }) })
    await clock.advance(0)
    expect(await loading).toMatchObject({ reason: 'ORIGIN_LIMIT', message: expect.stringContaining('no place free') })
    expect(origin.stats()).toMatchObject({ waiting: 0, rejected: { hopeless: 1, limit: 0 } })
  })

  it('leave where a place is free, though too late for their reader: the next one has the value', async () => {
    const { clock, load, answer, sent } = await knownOrigin(100)
    await answer(0)
    void load('a', { party: party({ answerBy: clock.now() + 10 }) })
    await clock.advance(0)
    expect(sent()).toEqual([['a']])
  })

  it('drop what has become hopeless, before anybody is refused who is not', async () => {
    const { clock, limit, load, origin } = await knownOrigin(100, { maxWaiting: 2 })
    const hopeless = load('a', { party: party({ answerBy: clock.now() + 300 }) })
    void load('b')
    await clock.advance(1)
    for (let call = 0; call < 20; call += 1) limit.answered(clock.now() - 400, 1)
    void load('c')
    await clock.advance(0)
    expect(await hopeless).toMatchObject({
      reason: 'ORIGIN_LIMIT',
      message: 'origin catalog had no place free in time',
    })
    expect(origin.stats()).toMatchObject({ waiting: 2, rejected: { deadline: 1, limit: 0, displaced: 0 } })
  })

  it('answer a reader who named no deadline within the time of one load, though its query goes on', async () => {
    const { clock, load, answer, sent } = await busyOrigin()
    const old = load('old')
    await clock.advance(700)
    const young = load('young')
    await clock.advance(100)
    await answer(0)
    expect(sent()).toEqual([['old', 'young']])
    await clock.advance(200)
    expect(await old).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', message: 'origin catalog did not answer in time' })
    await answer(1)
    expect(await young).toBe('value of young')
  })

  it('are refused at once when the breaker opens', async () => {
    const { clock, load, adapter, origin, breaker } = await busyOrigin({ maxConcurrent: 3 })
    const waiting = load('a')
    await clock.advance(10)
    for (let index = 0; index < 3; index += 1) adapter.queries[index]?.answer.reject(new Error('down'))
    await clock.advance(0)
    expect(breaker.state()).toBe('open')
    expect(await waiting).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', retryAfterMs: 5_000 })
    expect(origin.stats()).toMatchObject({ waiting: 0, rejected: { breaker: 1 } })
  })

  it('tell how many queries there would be if there were places for them', async () => {
    const { clock, load, origin } = await busyOrigin({ batch: 10, maxConcurrent: 4 })
    for (const key of range(0, 15)) void load(key)
    await clock.advance(0)
    expect(origin.demand()).toEqual({ running: 4, wanted: 4 })
    const quiet = buildOrigin()
    expect(quiet.origin.demand()).toEqual({ running: 0, wanted: 0 })
  })
})

describe('loads that nobody waits for', () => {
  it('leave where there is something to spare, one of several places being kept for readers', async () => {
    const { clock, load, origin } = buildOrigin(() => undefined, { maxConcurrent: 3, batch: 1 })
    void load('a', {}, 'refresh')
    void load('b', {}, 'refresh')
    const third = load('c', {}, 'refresh')
    await clock.advance(0)
    expect(await third).toMatchObject({ reason: 'ORIGIN_LIMIT' })
    expect(origin.stats()).toMatchObject({ inFlight: 2, loads: { refresh: 2 }, rejected: { yielded: 1 } })
    void load('d')
    await clock.advance(0)
    expect(origin.stats()).toMatchObject({ inFlight: 3, waiting: 0 })
  })

  it('go behind the readers of their tick, and not at all where one of those has to wait', async () => {
    const { clock, load, adapter, origin } = buildOrigin(() => undefined, { maxConcurrent: 3, batch: 1 })
    const refresh = load('r', {}, 'refresh')
    for (const key of ['a', 'b', 'c', 'd']) void load(key)
    await clock.advance(0)
    expect(await refresh).toMatchObject({ reason: 'ORIGIN_LIMIT' })
    expect(adapter.queries.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c']])
    expect(origin.stats()).toMatchObject({ waiting: 1, loads: { miss: 3, refresh: 0 } })
  })
})

describe('a cold rate', () => {
  it('holds back what readers want, and not what nobody waits for', async () => {
    const { clock, load, adapter, origin } = buildOrigin(() => undefined, {
      coldRate: 1_000,
      batch: 500,
      maxWaiting: 500,
    })
    for (const key of range(0, 150)) void load(key, {}, Number(key) % 2 === 0 ? 'miss' : 'fallback')
    await clock.advance(0)
    expect(adapter.queries.map(({ keys }) => keys.length)).toEqual([100])
    expect(origin.stats().waiting).toBe(50)
    // While readers wait for tokens, though places are free, nothing else leaves.
    expect(await load('s', {}, 'refresh')).toMatchObject({ reason: 'ORIGIN_LIMIT' })
    await clock.advance(50)
    expect(adapter.queries.reduce((sum, { keys }) => sum + keys.length, 0)).toBe(150)
    // What waited for tokens went together.
    expect(adapter.queries.length).toBeLessThanOrEqual(6)
    const spare = load('r', {}, 'refresh')
    await clock.advance(0)
    expect(adapter.queries.at(-1)?.keys).toEqual(['r'])
    adapter.queries.at(-1)?.answer.resolve(echo(['r']))
    expect(await spare).toBe('value of r')
  })

  it('is the fleet’s: of it a sidecar has the part that it has of the places', async () => {
    const clock = new ManualClock()
    const limit = new AdaptiveLimit({ floor: 10, ceiling: 10 }, { clock, classify: () => 'failure' })
    const { load, adapter, guard } = buildOrigin(() => undefined, { clock, limit, coldRate: 1_000, maxWaiting: 500 })
    guard.setShare({ most: 2, until: Number.POSITIVE_INFINITY, after: 0 })
    for (const key of range(0, 100)) void load(key)
    await clock.advance(0)
    expect(adapter.queries.map(({ keys }) => keys.length)).toEqual([20])
  })

  it('makes keys wait under the deadlines that they have anyway', async () => {
    const { clock, load, origin } = buildOrigin(echo, { coldRate: 1, maxWaiting: 500 })
    await load('a')
    const late = load('b', { party: party({ answerBy: 300 }) })
    await clock.advance(300)
    expect(await late).toMatchObject({ reason: 'ORIGIN_LIMIT', message: 'origin catalog had no place free in time' })
    expect(origin.stats().rejected.deadline).toBe(1)
  })
})
