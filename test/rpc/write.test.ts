import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { LIMITS, type Rig, startRig } from './harness.ts'

let rig: Rig
let client: RingsideClient

beforeAll(async () => {
  rig = await startRig()
  client = new RingsideClient({ target: rig.tcp })
})
afterAll(async () => {
  await client.close()
  await rig.close()
})
beforeEach(() => {
  rig.cache.asked.length = 0
  rig.meter.results.length = 0
})

describe('Write', () => {
  it('passes values on, empty ones too, and deletions', async () => {
    expect(await client.write('product', 'a', Buffer.from('v'), { tenant: 't' })).toEqual({
      version: 7,
      deferred: false,
    })
    expect(await client.write('product', 'b', new Uint8Array())).toEqual({ version: 7, deferred: false })
    expect(await client.write('product', 'c', null)).toEqual({ version: 7, deferred: true })
    expect(rig.cache.asked).toStrictEqual([
      { keyspace: 'product', key: 'a', tenant: 't', value: Buffer.from('v') },
      { keyspace: 'product', key: 'b', tenant: '', value: Buffer.alloc(0) },
      { keyspace: 'product', key: 'c', tenant: '', value: undefined },
    ])
    expect(rig.meter.results).toStrictEqual([
      'Write product written none',
      'Write product written none',
      'Write product deferred none',
    ])
  })

  it('tells what is known of the origin when it fails', async () => {
    const metadata = { origin: 'catalog', outcome: 'unknown' }
    const usual = rig.cache.onWrite
    rig.cache.onWrite = async () => {
      throw new RingsideError('ORIGIN_UNAVAILABLE', 'no answer', { retryAfterMs: 100, metadata })
    }
    await expect(client.write('product', 'a', null)).rejects.toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      metadata,
      retryAfterMs: 100,
    })
    rig.cache.onWrite = usual
    expect(rig.meter.results).toStrictEqual(['Write product origin_unavailable none'])
  })

  it('refuses a value that is too large', async () => {
    const value = Buffer.alloc(LIMITS.value + 1)
    await expect(client.write('product', 'a', value)).rejects.toMatchObject({ reason: 'VALUE_TOO_LARGE' })
    expect(rig.cache.asked).toStrictEqual([])
  })
})
