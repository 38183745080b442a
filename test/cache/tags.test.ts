import { describe, expect, it } from 'vitest'
import { tagName } from '../../src/keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

const KEY = 'test:product:v1::1'
const RED = tagName(KEY, 'red')

/** Rows `1` and `2` are red, `3` is not; a load, and whatever else happens, takes a moment. */
async function rig(changes: Partial<KeyspacePolicy> = {}, settings: Parameters<typeof cacheRig>[1] = {}) {
  const made = await cacheRig(changes, { tracked: true, ...settings })
  const { origin, clock } = made
  for (const key of ['1', '2', '3']) origin.rows.set(key, `old ${key}`)
  origin.tags.set('1', ['red', 'round'])
  origin.tags.set('2', ['red'])
  origin.tags.set('3', ['blue'])
  await clock.advance(10)
  const stamp = async (tag: string, more: { tenant?: string; holdMs?: number } = {}) => {
    await clock.advance(1)
    const [result] = await made.cache.invalidate([{ keyspace: 'product', tag, tenant: '', ...more }])
    await clock.advance(1)
    return result
  }
  const change = () => {
    for (const key of ['1', '2', '3']) origin.rows.set(key, `new ${key}`)
  }
  return { ...made, stamp, change }
}

const set = (text: string, tags: readonly string[], more = {}) => ({
  keyspace: 'product',
  key: '1',
  tenant: '',
  value: Buffer.from(text),
  leaseToken: '',
  tags,
  ...more,
})

describe('an invalidated tag', () => {
  it.each([true, false])('takes all that carry it, and nothing else (kept near: %s)', async (near) => {
    const { get, stamp, change, clock } = await rig({ near })
    for (const key of ['1', '2', '3']) await get(key)
    await clock.advance(10)
    const before = await Promise.all(['1', '2', '3'].map((key) => get(key)))
    expect(before.map(({ source }) => source)).toEqual(Array(3).fill(near ? 'near' : 'primary'))
    change()
    await stamp('red')
    expect(textOf(await get('1'))).toBe('new 1')
    expect(textOf(await get('2'))).toBe('new 2')
    expect(textOf(await get('3'))).toBe('old 3')
  })

  it('is noticed by near caches of other sidecars at once, where they hear of it', async () => {
    const { get, stamp, change, clock, sidecar } = await rig()
    const other = sidecar()
    await get('1')
    await other.get('1')
    await clock.advance(10)
    expect((await other.get('1')).source).toBe('near')
    change()
    await stamp('red')
    expect(textOf(await other.get('1'))).toBe('new 1')
  })

  it('is noticed within the bound where nothing tells of it', async () => {
    const { get, stamp, change, clock, sidecar } = await rig({ boundMs: 5_000 }, { deaf: true, tracked: false })
    const other = sidecar()
    await get('1')
    await clock.advance(10)
    await other.get('1')
    change()
    await stamp('red')
    expect(textOf(await other.get('1'))).toBe('old 1')
    await clock.advance(5_000)
    expect(textOf(await other.get('1'))).toBe('new 1')
  })

  it('lets what is loaded afterwards be stored, and answered like any value', async () => {
    const { get, stamp, change, clock, origin } = await rig()
    await get('1')
    change()
    await stamp('red')
    await get('1')
    await clock.advance(10)
    const asked = origin.asked.length
    expect(await get('1')).toMatchObject({ source: 'near', degraded: false })
    expect(origin.asked.length).toBe(asked)
  })

  it('overtakes a load that is under way: it is answered, and not stored', async () => {
    const { get, stamp, change, clock, origin } = await rig()
    origin.holding = true
    const slow = get('1')
    await clock.advance(10)
    change()
    await stamp('red')
    origin.letGo()
    expect(textOf(await slow)).toBe('old 1')
    await clock.advance(1)
    expect(textOf(await get('1'))).toBe('new 1')
  })

  it('overtakes a load also where its record is lost before that is stored', async () => {
    const { get, stamp, change, clock, origin, shard } = await rig()
    origin.holding = true
    const slow = get('1')
    await clock.advance(10)
    change()
    await stamp('red')
    await shard.dropCopy(RED)
    origin.letGo()
    await slow
    await clock.advance(1)
    expect(textOf(await get('1'))).toBe('new 1')
  })

  it('is one of one tenant', async () => {
    const { cache, clock, stamp } = await rig({ tenants: 'required', origin: undefined })
    for (const tenant of ['a', 'b']) await cache.set({ ...set('v', ['red']), tenant })
    await clock.advance(1)
    await stamp('red', { tenant: 'a' })
    const read = async (tenant: string) => (await cache.get({ keyspace: 'product', key: '1', tenant })).outcome
    expect([await read('a'), await read('b')]).toEqual(['miss', 'found'])
  })

  it('holds what is loaded from being stored for as long as it is told', async () => {
    const { get, stamp, clock, origin } = await rig()
    await stamp('red', { holdMs: 1_000 })
    for (let count = 1; count <= 3; count += 1) {
      await get('1')
      await clock.advance(10)
    }
    expect(origin.asks('miss')).toBe(3)
    await clock.advance(1_000)
    await get('1')
    await clock.advance(10)
    await get('1')
    expect(origin.asks('miss')).toBe(4)
  })

  it('is deferred where its shard cannot be reached, unless the keyspace is strong', async () => {
    const { stamp, shard } = await rig()
    shard.deferred = []
    shard.down = true
    expect(await stamp('red')).toEqual({ version: 0, deferred: true })
    expect(shard.deferred).toEqual([{ key: RED, holdMs: 0 }])
    const strict = await rig({ consistency: 'strong', boundMs: 0, near: false })
    strict.shard.deferred = []
    strict.shard.down = true
    await expect(strict.stamp('red')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })

  it('comes with keys in one call, with one result for each in order', async () => {
    const { cache } = await rig()
    const targets = [
      { keyspace: 'product', key: '3', tenant: '' },
      { keyspace: 'product', tag: 'red', tenant: '' },
    ]
    expect(await cache.invalidate(targets)).toMatchObject([{ deferred: false }, { deferred: false }])
    const wrong = cache.invalidate([...targets, { keyspace: 'product', tag: 'a\nb', tenant: '' }])
    await expect(wrong).rejects.toMatchObject({ reason: 'ARGUMENT_INVALID', metadata: { field: 'tag' } })
  })
})

describe('a value with tags', () => {
  it('is a miss once the record of a tag is gone, and is read again when it has been loaded anew', async () => {
    const { get, clock, origin, shard } = await rig({ near: false })
    await get('1')
    await clock.advance(1)
    await shard.dropCopy(RED)
    await get('1')
    await clock.advance(1)
    await get('1')
    expect(origin.asks('miss')).toBe(2)
  })

  it('is read with its tags each time in a strong keyspace', async () => {
    const { get, stamp, change, clock } = await rig({ consistency: 'strong', boundMs: 0, near: false })
    await get('1')
    await clock.advance(1)
    expect(await get('1')).toMatchObject({ source: 'primary', outcome: 'found' })
    change()
    await stamp('red')
    expect(textOf(await get('1'))).toBe('new 1')
  })

  it('is refreshed ahead of its expiry with the tags that it has by then', async () => {
    const { get, stamp, change, clock, origin } = await rig({ near: false, softTtlMs: 10_000 })
    await get('1')
    origin.tags.set('1', ['green'])
    await clock.advance(10_001)
    await get('1')
    await clock.advance(10)
    change()
    await stamp('red')
    expect(textOf(await get('1'))).toBe('old 1')
    await stamp('green')
    expect(textOf(await get('1'))).toBe('new 1')
  })

  it('is given stale in an emergency, and says so, once a tag has overtaken it', async () => {
    const { get, stamp, change, clock, origin } = await rig({ near: false, degradedMs: 60_000, boundMs: 1_000 })
    await get('1')
    await clock.advance(2_000)
    change()
    await stamp('red')
    origin.failure = new Error('down')
    const stale = await get('1')
    expect([textOf(stale), stale.degraded]).toEqual(['old 1', true])
  })
})

describe('a set with tags', () => {
  const aside = { origin: undefined, boundMs: 60_000, consistency: 'tolerant' as const }

  it('is read until one of them is invalidated, whether the tag is new or not', async () => {
    const { cache, get, stamp, clock } = await rig(aside)
    expect(await cache.set(set('one', ['new', 'red']))).toMatchObject({ stored: true })
    expect(textOf(await get('1'))).toBe('one')
    await clock.advance(1)
    await stamp('new')
    expect((await get('1')).outcome).toBe('miss')
  })

  it('redeems a lease, unless a tag was invalidated since that was handed out', async () => {
    const { cache, get, stamp, clock } = await rig(aside)
    const token = async () => (await get('1')).lease?.token ?? ''
    const first = await token()
    await clock.advance(5)
    expect(await cache.set(set('one', ['red'], { leaseToken: first }))).toMatchObject({ stored: true })
    await stamp('red')
    const second = await token()
    await stamp('red')
    const late = cache.set(set('two', ['red'], { leaseToken: second }))
    await expect(late).rejects.toMatchObject({ reason: 'LEASE_LOST' })
  })

  it('is not stored under a lease that another process handed out, since nobody here knows how old that is', async () => {
    const { cache, get, sidecar } = await rig(aside)
    const { lease } = await sidecar().get('1')
    const elsewhere = cache.set(set('one', ['red'], { leaseToken: lease?.token ?? '' }))
    await expect(elsewhere).rejects.toMatchObject({ reason: 'LEASE_LOST' })
    expect((await get('1')).lease).toBeUndefined()
    expect(await cache.set(set('one', [], { leaseToken: lease?.token ?? '' }))).toMatchObject({ stored: true })
  })
})
