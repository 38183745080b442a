import { describe, expect, it } from 'vitest'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

const aside = { origin: undefined, consistency: 'tolerant' as const, boundMs: 60_000, name: 'product' }
const set = (text: string, more = {}) => ({
  keyspace: 'product',
  key: '1',
  tenant: '',
  value: Buffer.from(text),
  leaseToken: '',
  ...more,
})

describe('a cache-aside keyspace', () => {
  it('answers a miss with a lease that a set redeems', async () => {
    const { clock, get, cache } = await cacheRig(aside)
    const miss = await get('1')
    expect(miss).toMatchObject({ outcome: 'miss', version: 0, lease: { ttlMs: 3_000 } })
    const stored = await cache.set(set('one', { leaseToken: miss.lease?.token ?? '' }))
    expect(stored.stored).toBe(true)
    await clock.advance(1)
    expect(await get('1')).toMatchObject({ outcome: 'found', source: 'primary', version: stored.version })
    expect((await get('1')).source).toBe('near')
  })

  it('hands the lease to one caller, and a miss without one to the rest, in any sidecar', async () => {
    const { get, sidecar } = await cacheRig(aside)
    const here = await Promise.all(Array.from({ length: 20 }, () => get('1')))
    const there = await sidecar().get('1')
    expect(here.filter((miss) => miss.lease !== undefined)).toHaveLength(1)
    expect(there).toMatchObject({ outcome: 'miss' })
    expect(there.lease).toBeUndefined()
  })

  it('refuses a set whose lease fell to an invalidation', async () => {
    const { get, invalidate, cache } = await cacheRig(aside)
    const miss = await get('1')
    await invalidate('1')
    await expect(cache.set(set('old', { leaseToken: miss.lease?.token ?? '' }))).rejects.toMatchObject({
      reason: 'LEASE_LOST',
    })
    expect((await get('1')).outcome).toBe('miss')
  })

  it('answers UNAVAILABLE and never a miss when its shard gives no answer', async () => {
    const { shard, get } = await cacheRig(aside)
    shard.down = true
    await expect(get('1')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })
})

describe('a set', () => {
  it('without a lease overwrites, and is read at once by the sidecar that made it', async () => {
    const { origin, get, cache } = await cacheRig()
    origin.rows.set('1', 'from the origin')
    await get('1')
    await cache.set(set('mine'))
    expect(textOf(await get('1'))).toBe('mine')
  })

  it('compares the version where it is asked to, and names the one that stands', async () => {
    const { cache } = await cacheRig(aside)
    const { version } = await cache.set(set('one', { ifVersion: 0 }))
    await expect(cache.set(set('two', { ifVersion: version - 1 }))).rejects.toMatchObject({
      reason: 'VERSION_MISMATCH',
      metadata: { version: String(version) },
    })
    expect((await cache.set(set('two', { ifVersion: version }))).version).toBeGreaterThan(version)
  })

  it('lives no longer than its own ttl', async () => {
    const { clock, get, cache } = await cacheRig(aside)
    await cache.set(set('one', { ttlMs: 500 }))
    await get('1')
    await clock.advance(501)
    expect((await get('1')).outcome).toBe('miss')
  })

  it.each([0, -1, 60_001, Number.NaN])('refuses a ttl of %s ms', async (ttlMs) => {
    const { cache } = await cacheRig(aside)
    await expect(cache.set(set('one', { ttlMs }))).rejects.toMatchObject({ reason: 'TTL_INVALID' })
  })

  it.each(['x', 'not base64!', 'AAAA', `${'A'.repeat(22)}==`])(
    'refuses the lease token %s as none of ours',
    async (leaseToken) => {
      const { cache } = await cacheRig(aside)
      await expect(cache.set(set('one', { leaseToken }))).rejects.toMatchObject({ reason: 'ARGUMENT_INVALID' })
    },
  )

  it('whose outcome is unknown leaves nothing in the near cache', async () => {
    const { shard, origin, get, cache } = await cacheRig()
    origin.rows.set('1', 'one')
    await get('1')
    shard.down = true
    await expect(cache.set(set('two'))).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    shard.down = false
    expect((await get('1')).source).toBe('primary')
  })
})

describe('an invalidation', () => {
  it('tries every target and fails as a whole when one of them could not be reached', async () => {
    const { shard, cache, tally } = await cacheRig()
    const targets = ['1', '2'].map((key) => ({ keyspace: 'product', key, tenant: '' }))
    shard.down = true
    await expect(cache.invalidate(targets)).rejects.toMatchObject({
      reason: 'SHARD_UNAVAILABLE',
      message: expect.stringContaining('2 of 2'),
    })
    shard.down = false
    const results = await cache.invalidate(targets)
    expect(results.map((one) => one.deferred)).toEqual([false, false])
    expect(tally.keyspaces.get('product')?.invalidations).toEqual({ done: 2, deferred: 0, failed: 2 })
  })
})

describe('an invalidation whose shard gives no answer, where a journal is kept', () => {
  it('is deferred, with its hold, and leaves the near cache at once', async () => {
    const { shard, origin, clock, get, invalidate, tally } = await cacheRig()
    origin.rows.set('1', 'one')
    await get('1')
    await clock.advance(1)
    await get('1')
    expect((await get('1')).source).toBe('near')
    shard.deferred = []
    shard.down = true
    expect(await invalidate('1', 300)).toEqual({ version: 0, deferred: true })
    expect(shard.deferred).toEqual([{ key: 'test:product:v1::1', holdMs: 300 }])
    expect(tally.keyspaces.get('product')?.invalidations).toEqual({ done: 0, deferred: 1, failed: 0 })
    expect((await get('1')).source).toBe('origin')
  })

  it('fails all the same in a strong keyspace', async () => {
    const { shard, invalidate } = await cacheRig({ consistency: 'strong', boundMs: 0, near: false })
    shard.deferred = []
    shard.down = true
    await expect(invalidate('1')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    expect(shard.deferred).toEqual([])
  })
})
