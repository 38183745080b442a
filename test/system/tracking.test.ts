import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Fleet, type FleetSidecar, productKey } from '../support/fleet.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'
import { until } from '../support/until.ts'

const KEYS = Array.from({ length: 20 }, (_, index) => `k${index}`)
const TTL_MS = 600
const STALE_KEEP_MS = 200

let server: RedisServer
let origin: ScriptedOrigin
let fleet: Fleet
/** What each of the holders has been told of, by their names. */
let told: Map<string, Set<string | undefined>>

beforeEach(async () => {
  server = await startRedis()
  origin = new ScriptedOrigin(systemClock)
  for (const key of KEYS) origin.rows.set(key, `${key} of the origin`)
  fleet = new Fleet(server.url, { origin, policy: { boundMs: 5_000, degradedMs: STALE_KEEP_MS } })
  told = new Map()
})
afterEach(async () => {
  await fleet.close()
  await server.stop()
})

async function join(member: string): Promise<FleetSidecar> {
  const keys = new Set<string | undefined>()
  told.set(member, keys)
  return fleet.join(member, (key) => keys.add(key))
}

/** Reads until the near cache holds the keys by a tracked read. */
async function hold(sidecar: FleetSidecar, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await until(`${key} near`, async () => {
      await sidecar.get(key)
      return sidecar.held(key)?.proof !== undefined
    })
  }
  for (const heard of told.values()) heard.clear()
}

async function twoHolders(): Promise<readonly FleetSidecar[]> {
  const holders = await Promise.all([join('h0'), join('h1')])
  for (const holder of holders) await hold(holder, KEYS)
  return holders
}

/** Every holder is told of every key, and holds none. */
async function allGone(holders: readonly FleetSidecar[], keys = KEYS): Promise<void> {
  for (const holder of holders) {
    const heard = told.get(holder.member)
    await until(`${holder.member} being told`, () =>
      keys.every((key) => heard?.has(productKey(key)) || heard?.has(undefined)),
    )
    expect(keys.filter((key) => holder.held(key) !== undefined)).toEqual([])
  }
}

describe('every near cache that holds a key lets go of it', () => {
  it('when another sidecar invalidates it', async () => {
    const holders = await twoHolders()
    const other = await join('other')
    await Promise.all(KEYS.map((key) => other.invalidate(key)))
    await allGone(holders)
  })

  it('when another sidecar sets it, and nobody answers the old value after that', async () => {
    const holders = await twoHolders()
    const other = await join('other')
    const set = (key: string) =>
      other.cache.set({ keyspace: 'product', key, tenant: '', value: Buffer.from('set'), leaseToken: '' })
    await Promise.all(KEYS.map(set))
    await allGone(holders)
    for (const holder of holders) expect((await holder.get('k0')).value.toString()).toBe('set')
  })

  it('when it expires in the shard', async () => {
    const other = await join('other')
    const holders = await Promise.all([join('h0'), join('h1')])
    const value = Buffer.from('short-lived')
    await other.cache.set({ keyspace: 'product', key: 'short', tenant: '', value, ttlMs: TTL_MS, leaseToken: '' })
    for (const holder of holders) await hold(holder, ['short'])
    await allGone(holders, ['short'])
    expect(await server.client.exists(productKey('short'))).toBe(0)
  })

  it.each(['volatile-lru', 'allkeys-lru'])('when the shard evicts it (%s)', async (policy) => {
    const holders = await twoHolders()
    await server.client.config('SET', 'maxmemory-policy', policy)
    await server.client.config('SET', 'maxmemory', '1')
    await until('the eviction', async () => (await server.client.exists(...KEYS.map(productKey))) === 0)
    await allGone(holders)
  })

  it('when the shard is emptied', async () => {
    const holders = await twoHolders()
    await server.client.flushall()
    await allGone(holders)
  })
})

describe('when one of the two connections of a tracked line is lost', () => {
  /** The ids of connections with this flag in CLIENT LIST: `t` reads with tracking, `P` is subscribed. */
  async function connections(flag: string): Promise<readonly string[]> {
    const list = String(await server.client.call('CLIENT', 'LIST'))
    return list.split('\n').flatMap((line) => {
      const [, id] = line.match(/^id=(\d+) /) ?? []
      const [, flags = ''] = line.match(/ flags=(\S+)/) ?? []
      return id !== undefined && flags.includes(flag) ? [id] : []
    })
  }

  it.each([
    ['the one that reads', 't'],
    ['the one that hears', 'P'],
  ])('%s, near entries keep the as_of of their read, and rise again only when they are read again', async (_, flag) => {
    const sidecar = await join('s')
    await hold(sidecar, ['k0', 'k1'])
    const asOf = (key: string) => sidecar.held(key)?.asOf ?? Number.NaN
    const readAt = asOf('k0')
    await until('a proof', () => asOf('k0') > readAt)
    const [id] = await connections(flag)
    await server.client.call('CLIENT', 'KILL', 'ID', id as string)
    await until('the loss being noticed', () => sidecar.held('k0')?.proof?.provenAt === Number.NEGATIVE_INFINITY)
    const kept = asOf('k0')
    expect(kept).toBeLessThanOrEqual(readAt)

    await until('another pair', () => sidecar.shard.stats().trackingUp)
    expect([await connections('t'), await connections('P')]).toEqual([
      [expect.not.stringMatching(`^${id}$`)],
      [expect.not.stringMatching(`^${id}$`)],
    ])
    // A key that is read on the new pair rises with its proofs; one that was read on the old stays where it was.
    await sidecar.get('k1', { maxStalenessMs: 0 })
    const again = asOf('k1')
    await until('a proof of the new pair', () => asOf('k1') > again)
    expect(asOf('k0')).toBe(kept)
    await sidecar.get('k0', { maxStalenessMs: 0 })
    const rereadAt = asOf('k0')
    await until('a proof of what was read again', () => asOf('k0') > rereadAt)
  })

  it('a change that nobody could tell of is seen within the bound all the same', async () => {
    const [sidecar, writer] = await Promise.all([join('s'), join('writer')])
    await hold(sidecar, ['k0'])
    const mine = await connections('t')
    for (const id of mine) await server.client.call('CLIENT', 'KILL', 'ID', id)
    origin.rows.set('k0', 'changed')
    await writer.invalidate('k0')
    const acknowledgedAt = performance.now()
    expect((await sidecar.get('k0', { maxStalenessMs: 0 })).value.toString()).toBe('changed')
    await until('the change', async () => {
      const begunAt = performance.now()
      const answer = await sidecar.get('k0', { maxStalenessMs: 400 })
      if (answer.value.toString() === 'changed') return true
      expect(begunAt - 400).toBeLessThanOrEqual(acknowledgedAt)
      return false
    })
  })
})
