import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts, productValue } from '../support/products.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const KEYS = Array.from({ length: 200 }, (_, index) => String(index + 1))
/** Of the guard in front of a shard: so many failures in a row open its breaker; each may cost a caller a deadline. */
const FAILURES_TO_OPEN = 5

let postgres: Postgres
let primary: RedisServer
let replicas: readonly RedisServer[]
let sidecar: Sidecar
let client: CacheClient

beforeEach(async () => {
  postgres = await startPostgres()
  await createProducts(postgres)
  primary = await startRedis(['--repl-diskless-sync-delay', '0'])
  replicas = [await startRedis(), await startRedis()]
  for (const { client: replica } of replicas) await replica.replicaof('127.0.0.1', primary.port)
})
afterEach(async () => {
  client.close()
  await sidecar.stop()
  await Promise.all([primary, ...replicas].map((server) => server.stop()))
  await postgres.stop()
})

/** A sidecar whose shard has three servers, all of which have everything; its near cache has room for some of it. */
async function start(keyspace: string): Promise<void> {
  sidecar = await startSidecar({
    config: `
env: test
heartbeat: 250ms
shards:
  timeout: 500ms
  nodes: [{ name: a, primary: "${primary.url}", replicas: [${replicas.map(({ url }) => `"${url}"`).join(', ')}] }]
near: { maxBytes: 16KiB }
limits: { loopLag: 0s }
origins:
  catalog: { type: postgres, url: "${postgres.url}", load: "select id as key, value from product_values where id = any($1)" }
keyspaces:
  product: { ttl: 10m, origin: catalog, ${keyspace} }
`,
  })
  client = new CacheClient(sidecar.grpc)
  const requests = KEYS.map((key) => ({ keyspace: 'product', key }))
  const holdsAll = async ({ client: server }: RedisServer) =>
    (await server.keys('test:product:*')).length === KEYS.length
  await until('a primary that has it all', async () => {
    await client.batchGet({ requests })
    return holdsAll(primary)
  })
  for (const replica of replicas) await until('a replica that has it all', () => holdsAll(replica))
  for (const replica of ['1', '2'])
    await until('a replica in step', async () => {
      const lag = `ringside_replica_lag_seconds{shard="a",replica="${replica}"}`
      return (await sidecar.metric(lag)) > 0 && (await sidecar.metric(lag)) < 1
    })
}

const get = (key: string) => client.get({ keyspace: 'product', key })
const fallbacks = () => sidecar.metric('ringside_origin_loads_total{origin="catalog",cause="fallback"}')
const timeouts = () => sidecar.metric('ringside_shard_errors_total{shard="a",kind="timeout"}')
const isDown = () =>
  until('a shard that is down', async () => (await sidecar.metric('ringside_shard_up{shard="a"}')) === 0)

/** Every key once, one after the other; where each answer came from. */
async function sources(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const key of KEYS) {
    const { source, value, degraded } = await get(key)
    expect([value.toString(), degraded]).toEqual([productValue(key), false])
    found.set(source, (found.get(source) ?? 0) + 1)
  }
  return found
}

const BOUNDED = 'consistency: bounded, maxStaleness: 1m, near: false, replicas: { read: true }'

it('reads from the replicas while the primary is frozen, and nothing from the database', async () => {
  await start(BOUNDED)
  primary.freeze()
  const [loadsBefore, timeoutsBefore] = [await fallbacks(), await timeouts()]
  for (let round = 0; round < 5; round += 1) expect(await sources()).toEqual(new Map([['SOURCE_REPLICA', KEYS.length]]))
  // Whoever waited for the primary before its breaker opened, and its probes since.
  expect((await timeouts()) - timeoutsBefore).toBeLessThan(4 * FAILURES_TO_OPEN)
  expect(await fallbacks()).toBe(loadsBefore)
  primary.thaw()
  await until('an answer of the primary', async () => (await sidecar.metric('ringside_shard_up{shard="a"}')) === 1)
})

it('reads from the replicas while the primary is dead, also what it would rather keep near', async () => {
  await start('consistency: tolerant, maxStaleness: 1m, replicas: { read: true }')
  const loadsBefore = await fallbacks()
  await primary.kill()
  const found = await sources()
  expect(found.get('SOURCE_REPLICA')).toBeGreaterThan(KEYS.length / 4)
  expect([...found.keys()].filter((source) => !['SOURCE_REPLICA', 'SOURCE_NEAR'].includes(source))).toEqual([])
  expect(await fallbacks()).toBe(loadsBefore)
})

it('does so with one of the replicas frozen, too', async () => {
  await start(BOUNDED)
  await primary.kill()
  await isDown()
  replicas[0]?.freeze()
  expect(await sources()).toEqual(new Map([['SOURCE_REPLICA', KEYS.length]]))
  replicas[0]?.thaw()
})

it('asks the origin once the replicas are behind the bound, then answers stale and marked, or fails at once', async () => {
  await start(
    'consistency: bounded, maxStaleness: 3s, replicas: { read: true }, degraded: { maxStaleness: 10m, then: origin }',
  )
  await until('a near answer', async () => (await get('1')).source === 'SOURCE_NEAR')
  const loadsBefore = await fallbacks()
  await primary.kill()
  await until('the end of the bound', async () => (await get('2')).source === 'SOURCE_ORIGIN')
  expect(await fallbacks()).toBeGreaterThan(loadsBefore)
  expect(await get('1')).toMatchObject({ degraded: false })
  await postgres.kill()
  await until('a stale answer', async () => (await get('1').catch(() => undefined))?.degraded === true)
  expect((await get('1')).value.toString()).toBe(productValue('1'))
  const outcomes = await Promise.allSettled(KEYS.map((key) => get(key)))
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
  expect(new Set(failures)).toEqual(new Set([status.UNAVAILABLE]))
  await postgres.restart()
})

it('answers stale first where the keyspace says so', async () => {
  await start(
    'consistency: bounded, maxStaleness: 3s, replicas: { read: true }, degraded: { maxStaleness: 10m, then: stale }',
  )
  await until('a near answer', async () => (await get('1')).source === 'SOURCE_NEAR')
  const loadsBefore = await fallbacks()
  await primary.kill()
  await until('a stale answer', async () => (await get('1')).degraded)
  expect(await fallbacks()).toBe(loadsBefore)
  // Of what is nowhere near, the origin is asked.
  const held = await Promise.all(KEYS.map((key) => get(key)))
  expect(held.filter(({ source, degraded }) => source === 'SOURCE_ORIGIN' && !degraded).length).toBeGreaterThan(0)
  expect(held.filter(({ degraded }) => degraded).length).toBeGreaterThan(0)
})
