import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { packed } from '../../src/origin/msgpack-writer.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { unpacked } from '../support/unpacked.ts'

const read = (key: string, ...fields: string[]) => ({ keyspace: 'product', key, tenant: '', fields: new Set(fields) })

describe('a read of some fields', () => {
  it('answers those, wherever the value comes from, and leaves the whole where it is', async () => {
    const { origin, cache, get } = await cacheRig()
    origin.rows.set('1', '{"name":"lamp","price":1.10}')
    for (const source of ['origin', 'near']) {
      const answer = await cache.get(read('1', 'price', 'colour'))
      expect([answer.source, answer.value.toString()]).toEqual([source, '{"price":1.10}'])
    }
    expect((await get('1')).value.toString()).toBe('{"name":"lamp","price":1.10}')
  })

  it('answers each key of a batch with its own', async () => {
    const { origin, cache } = await cacheRig()
    origin.rows.set('1', '{"a":1,"b":2}')
    origin.rows.set('2', '[]')
    const whole = { keyspace: 'product', key: '1', tenant: '' }
    const [one, other, all, none] = await cache.batchGet([read('1', 'a'), read('2', 'a'), whole, read('3', 'a')])
    expect(one).toMatchObject({ value: Buffer.from('{"a":1}') })
    expect(other).toBeInstanceOf(RingsideError)
    expect(all).toMatchObject({ value: Buffer.from('{"a":1,"b":2}') })
    expect(none).toMatchObject({ outcome: 'not-found' })
  })

  it('is refused of a value that is no object, with what the keyspace holds', async () => {
    const { origin, cache } = await cacheRig()
    origin.rows.set('1', 'lamp')
    await expect(cache.get(read('1', 'a'))).rejects.toMatchObject({
      reason: 'ARGUMENT_INVALID',
      message: expect.stringContaining('not a JSON object'),
      metadata: { field: 'fields', keyspace: 'product' },
    })
  })

  it('reads MessagePack where the keyspace has that', async () => {
    const { cache } = await cacheRig({ encoding: 'msgpack', origin: undefined })
    const value = packed({ name: 'lamp', price: 1.1 })
    await cache.set({ keyspace: 'product', key: '1', tenant: '', value, leaseToken: '' })
    const answer = await cache.get(read('1', 'price'))
    expect(unpacked(answer.value)).toEqual({ price: 1.1 })
  })
})
