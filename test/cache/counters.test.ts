import { describe, expect, it } from 'vitest'
import type { IncrementRequest } from '../../src/cache/cache.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

async function countingRig(changes: Partial<KeyspacePolicy> = {}) {
  const rig = await cacheRig({ kind: 'counter', near: false, origin: undefined, ...changes })
  const add = (key: string, more: Partial<IncrementRequest> = {}, { cache } = rig as Pick<typeof rig, 'cache'>) =>
    cache.increment({ keyspace: 'product', key, tenant: '', delta: 1n, initial: 0n, requestId: '', ...more })
  return { ...rig, add }
}

describe('a counter', () => {
  it('counts what all sidecars add, and is read as its decimal text', async () => {
    const { add, sidecar, get } = await countingRig()
    const other = sidecar()
    await Promise.all([add('a', { initial: 10n }), add('a', { initial: 10n }, other), add('a', { initial: 10n })])
    expect(textOf(await get('a'))).toBe('13')
    expect(await other.get('a')).toMatchObject({ outcome: 'found', source: 'primary' })
  })

  it('counts a repeated call once, also by way of another sidecar', async () => {
    const { add, sidecar } = await countingRig()
    expect(await add('a', { requestId: 'order-7', delta: 3n })).toBe(3n)
    expect(await add('a', { requestId: 'order-7', delta: 3n }, sidecar())).toBe(3n)
    expect(await add('a')).toBe(4n)
  })

  it('forgets a repeated call after a minute', async () => {
    const { add, clock } = await countingRig({ ttlMs: 600_000 })
    await add('a', { requestId: 'x' })
    await clock.advance(59_000)
    expect(await add('a', { requestId: 'x' })).toBe(1n)
    await clock.advance(2_000)
    expect(await add('a', { requestId: 'x' })).toBe(2n)
  })

  it('fails over 64 bits and stays what it was', async () => {
    const { add, get } = await countingRig()
    await add('a', { initial: 2n ** 63n - 2n })
    await expect(add('a')).rejects.toMatchObject({ reason: 'COUNTER_OVERFLOW' })
    expect(textOf(await get('a'))).toBe('9223372036854775807')
  })

  it('begins anew when it was invalidated', async () => {
    const { add, invalidate, get } = await countingRig()
    await add('a', { delta: 5n })
    await invalidate('a')
    expect((await get('a')).outcome).toBe('miss')
    expect(await add('a')).toBe(1n)
  })

  it('lives for its own ttl where that is given, never longer than the keyspace says', async () => {
    const { add, clock } = await countingRig()
    await add('a', { ttlMs: 5_000 })
    await clock.advance(4_000)
    expect(await add('a')).toBe(2n)
    await clock.advance(1_001)
    expect(await add('a')).toBe(1n)
    await expect(add('a', { ttlMs: 60_001 })).rejects.toMatchObject({ reason: 'TTL_INVALID' })
  })

  it('leaves no older sum in a near cache that may keep it', async () => {
    const { add, get, sidecar } = await countingRig({ near: true })
    await add('a')
    await get('a')
    await get('a')
    await add('a', {}, sidecar())
    await add('a')
    expect(textOf(await get('a'))).toBe('3')
  })

  it('is not for values, nor are values for it', async () => {
    const { cache } = await countingRig()
    const value = { keyspace: 'product', key: 'a', tenant: '', value: Buffer.from('1'), leaseToken: '' }
    await expect(cache.set(value)).rejects.toMatchObject({ reason: 'KEYSPACE_KIND' })
    const { add } = await countingRig({ kind: 'value' })
    await expect(add('a')).rejects.toMatchObject({ reason: 'KEYSPACE_KIND' })
  })

  it('fails while its shard is out of reach: nothing else can count', async () => {
    const { add, shard } = await countingRig()
    shard.down = true
    await expect(add('a')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })
})

describe('a counter with an origin', () => {
  const withOrigin = { origin: 'scripted' }

  it('goes on from what the origin has, loaded once however many ask', async () => {
    const { add, sidecar, origin, get, clock } = await countingRig(withOrigin)
    origin.rows.set('a', '100')
    const other = sidecar()
    const sums = Promise.all([add('a'), add('a'), add('a', {}, other), add('a', {}, other)])
    await clock.advance(100)
    expect((await sums).sort()).toStrictEqual([101n, 102n, 103n, 104n])
    expect(origin.asks('miss')).toBe(1)
    expect(textOf(await get('a'))).toBe('104')
  })

  it('goes on from there again when it was evicted', async () => {
    const { add, origin, clock } = await countingRig(withOrigin)
    origin.rows.set('a', '100')
    await add('a')
    await clock.advance(60_001)
    origin.rows.set('a', '200')
    expect(await add('a')).toBe(201n)
  })

  it('begins from `initial` where the origin has none', async () => {
    const { add } = await countingRig(withOrigin)
    expect(await add('a', { initial: 7n })).toBe(8n)
    expect(await add('a', { initial: 7n })).toBe(9n)
  })

  it('fails while the origin does, instead of beginning at zero', async () => {
    const { add, origin, get } = await countingRig(withOrigin)
    origin.rows.set('a', '100')
    origin.failure = new Error('down')
    await expect(add('a')).rejects.toThrow()
    origin.failure = undefined
    expect(await add('a')).toBe(101n)
    expect(textOf(await get('a'))).toBe('101')
  })

  it('says so when what the origin has is no number', async () => {
    const { add, origin } = await countingRig(withOrigin)
    origin.rows.set('a', 'many')
    await expect(add('a')).rejects.toMatchObject({ reason: 'NOT_A_COUNTER' })
  })

  it('does not count while what is loaded may not be stored', async () => {
    const { add, origin, invalidate } = await countingRig(withOrigin)
    origin.rows.set('a', '100')
    await invalidate('a', 5_000)
    await expect(add('a')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })
})
