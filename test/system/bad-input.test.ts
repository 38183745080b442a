import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'

const INVALID_ARGUMENT = 3
const FAILED_PRECONDITION = 9

const config = (redis: RedisServer) => `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }
limits: { value: 64KiB }
keyspaces:
  session: { consistency: tolerant, ttl: 10m }
  article: { consistency: tolerant, ttl: 10m, key: '[0-9]+' }
  settings: { consistency: strong, ttl: 10m, tenants: [acme, globex] }
`

describe('bad input to a real sidecar', () => {
  let redis: RedisServer
  let sidecar: Sidecar
  let client: CacheClient

  beforeAll(async () => {
    redis = await startRedis()
    sidecar = await startSidecar({ config: config(redis) })
    client = new CacheClient(sidecar.grpc)
  })
  afterAll(async () => {
    client.close()
    expect(await sidecar.stop()).toBe(0)
    await redis.stop()
  })

  it.each([
    ['an unknown keyspace', { keyspace: 'sesion', key: '1' }, /sesion.*not configured.*session/],
    ['an unknown tenant', { keyspace: 'settings', key: '1', tenant: 'initech' }, /tenant.*initech.*unknown/],
    ['a missing tenant', { keyspace: 'settings', key: '1' }, /tenant/],
    ['a tenant where there are none', { keyspace: 'session', key: '1', tenant: 'acme' }, /tenant/],
    ['an empty key', { keyspace: 'session', key: '' }, /empty/],
    ['a key of 2 KiB', { keyspace: 'session', key: 'k'.repeat(2_048) }, /2048.*1024/],
    ['a key with a control character', { keyspace: 'session', key: 'a\nb' }, /control|printable/],
    ['a key that does not match', { keyspace: 'article', key: 'one' }, /pattern/],
  ])('refuses %s with a message that says what is wrong and what is allowed', async (_, request, message) => {
    await expect(client.get(request)).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      details: expect.stringMatching(message),
    })
  })

  it('refuses a value over the limit, a negative ttl, and a lease that is lost', async () => {
    const set = { keyspace: 'session', key: '1', value: Buffer.from('v') }
    await expect(client.set({ ...set, value: Buffer.alloc(65 * 1_024) })).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
    })
    await expect(client.set({ ...set, ttl_ms: -1 })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    await expect(client.set({ ...set, lease_token: 'A'.repeat(22) })).rejects.toMatchObject({
      code: FAILED_PRECONDITION,
    })
    expect((await client.get({ keyspace: 'session', key: '1' })).outcome).toBe('OUTCOME_MISS')
  })

  it('refuses batches of 0 and of 1,001 keys, and serves one of 1,000', async () => {
    const requests = (count: number) =>
      Array.from({ length: count }, (_, key) => ({ keyspace: 'session', key: `b${key}` }))
    await expect(client.batchGet({ requests: [] })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    await expect(client.batchGet({ requests: requests(1_001) })).rejects.toMatchObject({ code: INVALID_ARGUMENT })
    expect((await client.batchGet({ requests: requests(1_000) })).results).toHaveLength(1_000)
  })

  it('survives what is no HTTP/2 at all', async () => {
    const [host, port] = sidecar.grpc.split(':') as [string, string]
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\0'.repeat(500), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish']) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), host, () => socket.end(bytes))
        socket.on('error', () => undefined)
        socket.resume()
        socket.on('close', () => resolve())
      })
    }
    expect((await client.get({ keyspace: 'session', key: 'still there' })).outcome).toBe('OUTCOME_MISS')
  })

  it('keeps keys apart that differ only in what is percent-encoded', async () => {
    const keys = ['{a}', '%7Ba%7D', 'a:b', 'a', '~r']
    for (const key of keys) await client.set({ keyspace: 'session', key, value: Buffer.from(key) })
    for (const key of keys) expect((await client.get({ keyspace: 'session', key })).value.toString()).toBe(key)
    const names = await redis.client.keys('test:session:*')
    expect(names.filter((name) => /[{}]/.test(name))).toEqual([])
  })
})
