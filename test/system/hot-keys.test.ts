import { credentials } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import type { HotKey__Output } from '../../src/gen/ringside/v1/HotKey.ts'
import type { HotKeysResponse__Output } from '../../src/gen/ringside/v1/HotKeysResponse.ts'
import { Admin, CacheClient, call } from '../rpc/client.ts'
import { runProgram } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const configOf = (servers: readonly RedisServer[], more = '') => `
env: test
heartbeat: 200ms
shards: { topology: ring, timeout: 200ms, nodes: [${servers.map(({ url }, at) => `{ name: s${at}, primary: "${url}" }`).join(', ')}] }
hot: { labels: 1 }
keyspaces: { session: { consistency: tolerant, maxStaleness: 1h, ttl: 1h, jitter: 0% }, plain: { consistency: bounded, maxStaleness: 5s, ttl: 1h, near: false } }
${more}`

async function start(config: string, unready = false): Promise<Sidecar & { cache: CacheClient }> {
  const sidecar = await startSidecar({ config, unready })
  const cache = new CacheClient(sidecar.grpc)
  closing.push(
    () => sidecar.stop(),
    () => cache.close(),
  )
  return { ...sidecar, cache }
}

async function servers(count: number): Promise<readonly RedisServer[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startRedis()))
  for (const server of started) closing.push(() => server.stop())
  return started
}

async function hotKeys({ grpc }: Sidecar, keyspace = ''): Promise<readonly HotKey__Output[]> {
  const admin = new Admin(grpc, credentials.createInsecure())
  const { keys } = await call<HotKeysResponse__Output>(admin, 'HotKeys', { keyspace })
  admin.close()
  return keys
}

/** Sets keys 0 up to `count` and reads the first one most. */
async function readMuch(cache: CacheClient, keyspace: string, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, number) => ({ keyspace, key: `k${number}` }))
  await Promise.all(keys.map((key) => cache.set({ ...key, value: Buffer.from(key.key) })))
  for (let round = 0; round < 10; round += 1) {
    await cache.batchGet({ requests: keys })
    await cache.batchGet({ requests: Array.from({ length: 20 }, () => ({ keyspace, key: 'k0' })) })
  }
}

describe('hot keys', () => {
  it('are told by any sidecar of the fleet, with what it has counted itself and what all have', async () => {
    const config = configOf(await servers(2))
    const [busy, idle] = await Promise.all([start(config), start(config)])
    await readMuch(busy.cache, 'plain', 5)
    await until('the fleet’s heat', async () => {
      await readMuch(busy.cache, 'plain', 5)
      const [first] = await hotKeys(idle)
      return first?.key === 'k0' && first.reads_per_second > 0 && first.writes_per_second > 0
    })
    const [first] = await hotKeys(idle, 'plain')
    expect(first).toMatchObject({ keyspace: 'plain', tenant: '', key: 'k0', own_reads_per_second: 0 })
    expect(first?.shard_share).toBeGreaterThan(0)
    expect(await hotKeys(idle, 'session')).toEqual([])
    await until('own heat', async () => {
      await readMuch(busy.cache, 'plain', 5)
      const own = (await hotKeys(busy)).find(({ key }) => key === 'k0')
      return own !== undefined && own.own_reads_per_second > 0 && own.own_shard_reads_per_second > 0
    })
    const samples = [...(await busy.metrics()).keys()].filter((name) => name.startsWith('ringside_hot_key_reads'))
    expect(samples).toEqual(['ringside_hot_key_reads{keyspace="plain",key="k0"}'])

    const table = await runProgram(['hot', '--address', busy.grpc])
    expect(table.stdout).toContain('plain k0')
    const json = await runProgram(['hot', 'plain', '--json', '--address', busy.grpc])
    expect(JSON.parse(json.stdout)[0]).toMatchObject({ keyspace: 'plain', key: 'k0' })
  })
})

describe('a newcomer', () => {
  it('has the hottest keys of the fleet near when it is ready', async () => {
    const shards = await servers(2)
    const old = await start(configOf(shards))
    await readMuch(old.cache, 'session', 20)
    await until('the fleet’s heat', async () => {
      await readMuch(old.cache, 'session', 20)
      return (await hotKeys(old)).filter(({ reads_per_second: reads }) => reads > 0).length === 20
    })
    const warm = await start(configOf(shards))
    expect((await warm.cache.get({ keyspace: 'session', key: 'k0' })).source).toBe('SOURCE_NEAR')
    expect(await warm.metric('ringside_near_entries')).toBeGreaterThan(10)
    const cold = await start(configOf(shards, 'near: { prewarm: false }'))
    expect((await cold.cache.get({ keyspace: 'session', key: 'k0' })).source).toBe('SOURCE_PRIMARY')
  })

  it('starts all the same when a shard is gone, with the hot keys of the others', async () => {
    const [kept, lost] = (await servers(2)) as [RedisServer, RedisServer]
    const config = configOf([kept, lost])
    const old = await start(config)
    await readMuch(old.cache, 'session', 20)
    await until('the fleet’s heat', async () => {
      await readMuch(old.cache, 'session', 20)
      return (await hotKeys(old)).filter(({ reads_per_second: reads }) => reads > 0).length === 20
    })
    await lost.kill()
    const warm = await start(config, true)
    await until('the hot keys of the shard that is left', async () => (await warm.metric('ringside_near_entries')) > 0)
    expect(warm.log()).toContain('near cache warmed')
  })
})
