import { credentials } from '@grpc/grpc-js'
import { afterEach, expect, it } from 'vitest'
import type { BumpKeyspaceResponse__Output } from '../../src/gen/ringside/v1/BumpKeyspaceResponse.ts'
import { Admin, CacheClient, call, failure } from '../rpc/client.ts'
import { startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const bump = async (sidecar: Sidecar) => {
  const admin = new Admin(`unix:${sidecar.socket}`, credentials.createInsecure())
  try {
    return (await call<BumpKeyspaceResponse__Output>(admin, 'BumpKeyspace', { keyspace: 'session' })).version
  } finally {
    admin.close()
  }
}

async function fleet(shards: number) {
  const servers = await Promise.all(Array.from({ length: shards }, () => startRedis()))
  closing.push(...servers.map((server) => () => server.stop()))
  const nodes = servers.map(({ url }, place) => `{ name: s${place}, primary: "${url}" }`).join(', ')
  const config = `
env: test
heartbeat: 200ms
shards: { topology: ring, timeout: 200ms, nodes: [${nodes}] }
keyspaces: { session: { consistency: bounded, maxStaleness: 1s, ttl: 10m, version: 7 } }
`
  const start = async () => {
    const sidecar = await startSidecar({ config })
    const client = new CacheClient(sidecar.grpc)
    closing.push(
      () => sidecar.stop(),
      () => client.close(),
    )
    const get = async (key: string) => (await client.get({ keyspace: 'session', key })).outcome
    const set = (key: string) => client.set({ keyspace: 'session', key, value: Buffer.from('v') })
    return { sidecar, get, set }
  }
  return { servers, start }
}

it('moves a keyspace for every sidecar before it answers, without deleting anything', async () => {
  const { servers, start } = await fleet(2)
  const [one, other] = await Promise.all([start(), start()])
  for (let key = 0; key < 20; key += 1) await one.set(`k${key}`)
  await until('near hits', async () => (await other.get('k1')) === 'OUTCOME_FOUND')
  const before = await Promise.all(servers.map((server) => server.client.keys('test:session:v7:*')))
  expect(await bump(one.sidecar)).toBe(8)
  for (const { get } of [one, other]) {
    for (let key = 0; key < 20; key += 1) expect(await get(`k${key}`)).toBe('OUTCOME_MISS')
  }
  const after = await Promise.all(servers.map((server) => server.client.keys('test:session:v7:*')))
  expect(after.map((keys) => keys.sort())).toEqual(before.map((keys) => keys.sort()))
  await other.set('k1')
  expect([await one.get('k1'), await bump(other.sidecar)]).toEqual(['OUTCOME_FOUND', 9])
})

it('is known to whoever starts later, and to a shard that has forgotten everything', async () => {
  const { servers, start } = await fleet(1)
  const one = await start()
  await one.set('k')
  expect(await bump(one.sidecar)).toBe(8)
  await servers[0]?.client.flushall()
  await until('the version', async () => (await servers[0]?.client.hget('test:~life', 'versions')) === 'session 8 8\n')
  const late = await start()
  await late.set('k')
  expect(await one.get('k')).toBe('OUTCOME_FOUND')
  expect(await servers[0]?.client.keys('test:session:*')).toEqual(['test:session:v8::k'])
})

it('is refused while a shard cannot be told, and says which; to repeat it does no harm', async () => {
  const { servers, start } = await fleet(2)
  const one = await start()
  await servers[1]?.kill()
  const admin = new Admin(`unix:${one.sidecar.socket}`, credentials.createInsecure())
  closing.push(() => admin.close())
  const failed = await failure(call(admin, 'BumpKeyspace', { keyspace: 'session' }))
  expect(failed.details.ErrorInfo).toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  const unknown = await failure(call(admin, 'BumpKeyspace', { keyspace: 'nothing' }))
  expect(unknown.details.ErrorInfo).toMatchObject({ reason: 'KEYSPACE_UNKNOWN' })
})
