import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { HotKeys } from '../../src/cache/hot-keys.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import type { HotKey } from '../../src/store/heat.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { productPolicy } from '../support/use-cases.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const hot = (key: string, readsPerSecond: number, more: Partial<HotKey> = {}): HotKey => ({
  key,
  readsPerSecond,
  shardReadsPerSecond: 0,
  writesPerSecond: 0,
  share: 0,
  copies: 0,
  sinceMs: 0,
  ...more,
})

function rig(lists: Readonly<Record<string, readonly HotKey[] | RingsideError>>) {
  const clock = new ManualClock()
  const heat = new Heat(clock, new SeededChance(1))
  const policies = [productPolicy({ tenants: 'optional' }), productPolicy({ name: 'user' })]
  const keyspaces = new Keyspaces({ env: 'test', policies })
  const shards = Object.entries(lists).map(([name, list]) => ({
    name,
    hottest: async (limit: number) => {
      if (list instanceof RingsideError) throw list
      return list.slice(0, limit)
    },
  }))
  const hotKeys = new HotKeys({ shards: () => shards, heat, keyspaces, log: silentLog })
  const hottest = async (limit = 10, keyspace = '') =>
    (await hotKeys.hottest({ limit, keyspace })).map(({ name, fleet, own }) => ({
      name: `${name.policy.name} ${name.tenant} ${name.key}`,
      fleet: fleet.readsPerSecond,
      own: own.readsPerSecond,
    }))
  return { clock, heat, hotKeys, hottest }
}

describe('hot keys', () => {
  it('are those of all shards, the hottest first, by the names that callers know', async () => {
    const a = [hot('test:product:v1:acme:7%7B%25', 50), hot('test:user:v1::a:b', 10)]
    const { hottest } = rig({ a, b: [hot('test:product:v1::1', 20)] })
    expect((await hottest()).map(({ name }) => name)).toEqual(['product acme 7{%', 'product  1', 'user  a:b'])
    expect((await hottest(1)).map(({ name }) => name)).toEqual(['product acme 7{%'])
    expect((await hottest(10, 'user')).map(({ name }) => name)).toEqual(['user  a:b'])
  })

  it('have what this sidecar has counted itself beside what the fleet has', async () => {
    const { clock, heat, hottest, hotKeys } = rig({ a: [hot('test:product:v1::1', 20)] })
    for (let second = 0; second < 30; second += 1) {
      for (let read = 0; read < 40; read += 1) heat.read('test:product:v1::2')
      for (let read = 0; read < 5; read += 1) heat.read('test:product:v1::1')
      await clock.advance(1_000)
      heat.tell('a', () => true)
    }
    const [first, second] = await hottest()
    expect(first).toMatchObject({ name: 'product  2', fleet: 0 })
    expect(first?.own).toBeCloseTo(40, 0)
    expect(second).toMatchObject({ name: 'product  1', fleet: 20 })
    expect(second?.own).toBeCloseTo(5, 0)
    expect(hotKeys.own(1).map(({ name }) => name.key)).toEqual(['2'])
  })

  it('of a shard without an answer are left out', async () => {
    const { hottest } = rig({ a: new RingsideError('SHARD_UNAVAILABLE', 'down'), b: [hot('test:product:v1::1', 20)] })
    expect((await hottest()).map(({ name }) => name)).toEqual(['product  1'])
  })

  it('of keyspaces that are gone, or were left behind by a new version, are not shown', async () => {
    const { hottest } = rig({ a: [hot('test:gone:v1::1', 5), hot('test:product:v0::1', 5), hot('nonsense', 5)] })
    expect(await hottest()).toEqual([])
  })

  it('of an unknown keyspace are refused', async () => {
    const { hottest } = rig({ a: [] })
    await expect(hottest(10, 'prodcut')).rejects.toMatchObject({ reason: 'KEYSPACE_UNKNOWN' })
  })
})
