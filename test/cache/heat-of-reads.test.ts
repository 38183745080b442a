import { describe, expect, it } from 'vitest'
import { cacheRig } from '../support/cache-rig.ts'

const KEY = 'test:product:v1::1'
const everywhere = () => true
const request = { keyspace: 'product', key: '1', tenant: '' }

async function rig(changes: Parameters<typeof cacheRig>[0] = {}) {
  const made = await cacheRig(changes)
  made.origin.rows.set('1', 'one')
  const told = () => made.heat.tell('a', everywhere)
  return { ...made, told, ofKey: () => told().candidates.find(({ key }) => key === KEY) }
}

describe('the heat of reads', () => {
  it('counts every read, and as reads of a shard those that went there', async () => {
    const { get, told } = await rig()
    await get('1')
    await get('1')
    await get('1')
    expect(told()).toMatchObject({ candidates: [{ key: KEY, reads: 3, shardReads: 1, writes: 0 }], shardReads: 1 })
  })

  it('counts the reads of a batch, and those that share a flight, each', async () => {
    const { cache, get, ofKey } = await rig()
    await Promise.all([get('1'), get('1'), cache.batchGet([request, request, { ...request, key: '2' }])])
    expect(ofKey()).toMatchObject({ reads: 4, shardReads: 1 })
  })

  it('counts a near hit that is answered from the bytes of its request once', async () => {
    const { clock, cache, get, told, ofKey } = await rig()
    await get('1')
    told()
    const atHand = {
      keyspace: 'product',
      tenant: '',
      bytes: Buffer.from('1'),
      start: 0,
      end: 1,
      maxStalenessMs: undefined,
    }
    expect(cache.getAtHand(atHand, clock.now())).toBeDefined()
    expect(ofKey()).toEqual({ key: KEY, reads: 1, shardReads: 0, writes: 0 })
    expect(cache.getAtHand({ ...atHand, bytes: Buffer.from('2') }, clock.now())).toBeUndefined()
    expect(told().candidates).toEqual([])
  })

  it('counts sets and invalidations as writes', async () => {
    const { cache, get, invalidate, ofKey } = await rig()
    await get('1')
    await invalidate('1')
    await cache.set({ ...request, value: Buffer.from('two'), leaseToken: '' })
    expect(ofKey()).toMatchObject({ writes: 2 })
  })

  it('counts reads of a shard that gives no answer', async () => {
    const { shard, get, ofKey } = await rig()
    shard.down = true
    await get('1')
    expect(ofKey()).toMatchObject({ reads: 1, shardReads: 1 })
  })

  it('does not count what is refused', async () => {
    const { get, told } = await rig()
    await expect(get('1', { minVersion: 2 ** 53 - 1 })).rejects.toMatchObject({ reason: 'ARGUMENT_INVALID' })
    expect(told().candidates).toEqual([])
  })
})
