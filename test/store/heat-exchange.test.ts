import { beforeEach, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import type { HeatTold } from '../../src/hotkey/heat.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import type { HeatNews, HeatReport } from '../../src/store/heat.ts'
import { HeatExchange } from '../../src/store/heat-exchange.ts'
import type { Shard } from '../../src/store/shard.ts'
import { ManualClock } from '../support/manual-clock.ts'

const HEARTBEAT_MS = 1_000
const KEY = 'env:product:v1::sale'
const NEWS: HeatNews = { version: '7', copies: [{ key: KEY, copies: 3 }], decided: [] }

let clock: ManualClock
let hot: HotList
let exchange: HeatExchange
/** Where the key lives, and which shards there are. */
let home: string
let shards: string[]
let reports: (HeatReport & { readonly shard: string })[]
let answer: () => Promise<HeatNews>
let untold: HeatTold[]
let decisions: object[]

function shardNamed(name: string): Shard {
  const heat = (report: HeatReport) => {
    reports.push({ ...report, shard: name })
    return answer()
  }
  return { name, heat } as unknown as Shard
}

beforeEach(() => {
  clock = new ManualClock()
  hot = new HotList(clock)
  ;[home, shards, reports, untold, decisions] = ['a', ['a', 'b', 'c', 'd'], [], [], []]
  answer = async () => NEWS
  const heat = {
    tell: (shard: string, belongs: (key: string) => boolean): HeatTold => ({
      shard,
      candidates: [{ key: KEY, reads: 9, shardReads: 5, writes: 1 }].filter(({ key }) => belongs(key)),
      shardReads: 100,
      allReads: 200,
      since: 0,
    }),
    untold: (told: HeatTold) => void untold.push(told),
  }
  const tier = {
    home: () => ({ name: home }) as Shard,
    get shards() {
      return shards.map(shardNamed)
    },
    get mostCopies() {
      return shards.length - 1
    },
  }
  const onDecided = (shard: string, some: readonly object[]) => void decisions.push({ shard, some })
  exchange = new HeatExchange(
    { leastRate: 200, target: 0.25, heartbeatMs: HEARTBEAT_MS },
    { tier, heat, hot, allowed: () => 4, onDecided, clock },
  )
})

async function beat(shard: string): Promise<void> {
  await clock.advance(HEARTBEAT_MS)
  exchange.beat(shard)
  await clock.advance(0)
}

it('tells a shard with its heartbeat of the keys that live there, and of its own reads beside the mean of all shards', async () => {
  await beat('a')
  await beat('b')
  expect(reports[0]).toEqual({
    shard: 'a',
    candidates: [{ key: KEY, reads: 9, shardReads: 5, writes: 1, most: 3 }],
    shardReads: 100,
    meanReads: 50,
    leastRate: 200,
    target: 0.25,
    known: '',
  })
  expect(reports[1]).toMatchObject({ shard: 'b', candidates: [] })
})

it('hears which keys have copies, and keeps to that while nothing else is told', async () => {
  await beat('a')
  expect(hot.copies(KEY)).toBe(3)
  answer = async () => ({ ...NEWS, copies: undefined })
  await beat('a')
  expect(reports[1]?.known).toBe('7')
  expect(hot.copies(KEY)).toBe(3)
  answer = async () => ({ version: '8', copies: [], decided: [] })
  await beat('a')
  expect(hot.copies(KEY)).toBe(0)
})

it('puts back what was told where there is no answer', async () => {
  answer = () => Promise.reject(new RingsideError('SHARD_UNAVAILABLE', 'down'))
  await beat('a')
  expect(untold).toMatchObject([{ shard: 'a', shardReads: 100, candidates: [{ key: KEY, reads: 9 }] }])
})

it('tells of the decisions that its own report has brought about', async () => {
  const decided = [{ key: KEY, from: 0, to: 3, readsPerSecond: 1_000.4, share: 0.61234 }]
  answer = async () => ({ ...NEWS, decided })
  await beat('a')
  expect(decisions).toEqual([{ shard: 'a', some: decided }])
})

it('asks one thing at a time, and no more often than twice in a heartbeat', async () => {
  let settle: (news: HeatNews) => void = () => undefined
  answer = () => new Promise((resolve) => (settle = resolve))
  await beat('a')
  await beat('a')
  expect(reports).toHaveLength(1)
  settle(NEWS)
  await beat('a')
  settle(NEWS)
  await clock.advance(HEARTBEAT_MS / 4)
  exchange.beat('a')
  expect(reports).toHaveLength(2)
})

it('tells the new home of a key that has moved, and does not heed what the former one says of it', async () => {
  await beat('a')
  home = 'b'
  answer = async () => ({ ...NEWS, copies: undefined })
  await beat('a')
  expect(hot.copies(KEY)).toBe(0)
  answer = async () => ({ version: '5', copies: [{ key: KEY, copies: 1 }], decided: [] })
  await beat('b')
  expect(reports.at(-1)).toMatchObject({ shard: 'b', candidates: [{ key: KEY }] })
  answer = async () => ({ ...NEWS, copies: undefined })
  await beat('a')
  expect(hot.copies(KEY)).toBe(1)
})

it('believes a shard that tells nothing any more for some heartbeats, whoever else it still hears', async () => {
  await beat('a')
  for (let heartbeats = 0; heartbeats < 5; heartbeats += 1) {
    answer = async () => ({ version: '1', copies: [], decided: [] })
    await beat('b')
  }
  expect(hot.copies(KEY)).toBe(3)
  await beat('b')
  expect(hot.copies(KEY)).toBe(0)
  await beat('a')
  expect(reports.at(-1)?.known).toBe('')
})

it('believes nothing of a shard that has left', async () => {
  await beat('a')
  shards = ['b', 'c', 'd']
  answer = async () => ({ version: '1', copies: [], decided: [] })
  await beat('b')
  expect(hot.copies(KEY)).toBe(0)
})
