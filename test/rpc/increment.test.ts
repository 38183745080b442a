import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { INT64_MAX, INT64_MIN } from '../../src/base/int64.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Rig, startRig } from './harness.ts'

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

describe('Increment', () => {
  it('passes the request on, with 0 and nothing for what was not named', async () => {
    await client.increment('views', 'a', 1n)
    await client.increment('views', 'b', -2n, { tenant: 't', initial: 5n, ttlMs: 1_000, requestId: 'r' })
    expect(rig.cache.asked).toStrictEqual([
      { keyspace: 'views', key: 'a', tenant: '', delta: 1n, initial: 0n, requestId: '' },
      { keyspace: 'views', key: 'b', tenant: 't', delta: -2n, initial: 5n, requestId: 'r', ttlMs: 1_000 },
    ])
    expect(rig.meter.results).toStrictEqual(['Increment views added none', 'Increment views added none'])
  })

  it.each([INT64_MAX, INT64_MIN, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n, -1n, 127n, 128n])(
    'carries %d there and back exactly',
    async (value) => {
      expect(await client.increment('views', 'a', 0n, { initial: value })).toBe(value)
      expect(await client.increment('views', 'a', value)).toBe(value)
    },
  )

  it('refuses a ttl of none and an id without end', async () => {
    await expect(client.increment('views', 'a', 1n, { ttlMs: 0 })).rejects.toMatchObject({ reason: 'TTL_INVALID' })
    const requestId = 'x'.repeat(257)
    await expect(client.increment('views', 'a', 1n, { requestId })).rejects.toMatchObject({
      reason: 'ARGUMENT_INVALID',
    })
    expect(rig.cache.asked).toStrictEqual([])
  })

  it('never sends what is beyond 64 bits', async () => {
    await expect(client.increment('views', 'a', INT64_MAX + 1n)).rejects.toMatchObject({ reason: 'ARGUMENT_INVALID' })
    expect(rig.cache.asked).toStrictEqual([])
  })
})
