import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts, productValue } from '../support/products.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** The slow query holds for half a second, and for as long as the test keeps its hand on the lock. */
const HELD = 7

function config(redis: readonly RedisServer[], postgres: Postgres): string {
  const nodes = redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`)
  const select = (from: string) => `select id as key, value from product_values ${from}`
  return `
env: test
shards: { topology: ring, nodes: [${nodes.join(', ')}], timeout: 2s }
lease: { ttl: 20s, wait: 15s }
origins:
  slow: { type: postgres, url: "${postgres.url}", timeout: 15s, load: "with held as materialized (select pg_sleep(0.5), pg_advisory_xact_lock_shared(${HELD})) ${select('where id = any($1) and (select count(*) from held) = 1')}" }
  noted: { type: postgres, url: "${postgres.url}", timeout: 5s, load: "with ids as materialized (select noted($1::bigint[]) as ids) ${select('where id = any((select ids from ids)::bigint[])')}" }
keyspaces:
  slow: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: slow }
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: noted, key: '^[0-9]{1,12}$' }
`
}

describe('two sidecars, three shards and one database of 100,000 products', () => {
  let postgres: Postgres
  let redis: RedisServer[]
  let sidecars: Sidecar[]
  let clients: CacheClient[]

  beforeAll(async () => {
    postgres = await startPostgres()
    await createProducts(postgres)
    redis = await Promise.all([startRedis(), startRedis(), startRedis()])
    const text = config(redis, postgres)
    sidecars = await Promise.all([startSidecar({ config: text }), startSidecar({ config: text })])
    clients = sidecars.map(({ grpc }) => new CacheClient(grpc))
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  })

  it('ask the database once for one cold key, whoever else wants it', async () => {
    const lock = new pg.Client({ connectionString: postgres.url })
    await lock.connect()
    await lock.query(`select pg_advisory_lock(${HELD})`)
    const reads = Array.from({ length: 10_000 }, (_, index) =>
      (clients[index % clients.length] as CacheClient).get({ keyspace: 'slow', key: '42' }),
    )
    await until('1,000 waiters in each sidecar', async () => {
      const waiting = await Promise.all(sidecars.map((one) => one.metric('ringside_requests_in_flight')))
      return waiting.every((count) => count >= 1_000)
    })
    await lock.query(`select pg_advisory_unlock(${HELD})`)
    await lock.end()
    const answers = await Promise.all(reads)
    expect(new Set(answers.map((answer) => answer.value.toString()))).toEqual(new Set([productValue(42)]))
    expect(await postgres.countCalls('with held as materialized%')).toBe(1)
  })

  it('load 1,000 cold keys of one batch with at most 4 queries', async () => {
    const requests = Array.from({ length: 1_000 }, (_, index) => ({ keyspace: 'product', key: String(index + 1) }))
    const before = await postgres.countCalls('with ids as materialized%')
    const { results } = await (clients[0] as CacheClient).batchGet({ requests })
    expect(results.map((result) => result.response?.value.toString())).toEqual(
      requests.map(({ key }) => productValue(key)),
    )
    expect((await postgres.countCalls('with ids as materialized%')) - before).toBeLessThanOrEqual(4)
  })

  it('ask the database for a missing id once, however often it is asked of them', async () => {
    await postgres.query('truncate asked')
    const missing = Array.from({ length: 200 }, (_, index) => String(900_000 + index))
    const reads = Array.from({ length: 50 }, (_, round) =>
      missing.map((key) => (clients[round % clients.length] as CacheClient).get({ keyspace: 'product', key })),
    )
    const answers = await Promise.all(reads.flat())
    expect(new Set(answers.map((answer) => answer.outcome))).toEqual(new Set(['OUTCOME_NOT_FOUND']))
    const asked = await postgres.query<{ count: string }>('select count(*) from asked')
    expect(Number(asked[0]?.count)).toBeLessThanOrEqual(200)
  })

  it('do not let the database hear of a key that cannot be one', async () => {
    await postgres.query('truncate asked')
    await expect((clients[0] as CacheClient).get({ keyspace: 'product', key: "1' or true" })).rejects.toMatchObject({
      code: 3,
    })
    expect(await postgres.query('select * from asked')).toEqual([])
  })
})
