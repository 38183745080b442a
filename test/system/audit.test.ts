import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts, productValue } from '../support/products.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const config = (redis: RedisServer, postgres: Postgres): string => `
env: test
heartbeat: 100ms
shards: { nodes: [{ name: a, primary: "${redis.url}" }], timeout: 2s }
audit: { share: 100%, origin: 100%, perSecond: 100 }
origins:
  catalog: { type: postgres, url: "${postgres.url}", load: "select id as key, value from product_values where id = any($1)" }
keyspaces:
  careful: { consistency: bounded, maxStaleness: 300ms, ttl: 10m, origin: catalog }
  forgetful: { consistency: bounded, maxStaleness: 300ms, ttl: 10m, origin: catalog }
`

const violations = (keyspace: string, against = 'origin') =>
  `ringside_audit_violations_total{keyspace="${keyspace}",against="${against}"}`
const found = (keyspace: string, result: string) =>
  `ringside_audited_total{keyspace="${keyspace}",against="origin",result="${result}"}`

describe('the audits of a sidecar over a real Redis and a real PostgreSQL', () => {
  let postgres: Postgres
  let redis: RedisServer
  let sidecar: Sidecar
  let client: CacheClient

  beforeAll(async () => {
    postgres = await startPostgres()
    await createProducts(postgres)
    redis = await startRedis()
    sidecar = await startSidecar({ config: config(redis, postgres) })
    client = new CacheClient(sidecar.grpc)
  })
  afterAll(async () => {
    client.close()
    await sidecar.stop()
    await redis.stop()
    await postgres.stop()
  })

  it('tell a row that was changed without an invalidation from one whose change was announced', async () => {
    const key = '42'
    const read = async (keyspace: string) => (await client.get({ keyspace, key })).value.toString()
    const readUntil = (what: string, condition: () => Promise<boolean>) =>
      until(what, async () => {
        await Promise.all([read('careful'), read('forgetful')])
        return condition()
      })
    await readUntil('an audit of both against the database', async () => {
      const counts = await Promise.all(['careful', 'forgetful'].map((name) => sidecar.metric(found(name, 'current'))))
      return counts.every((count) => count > 0)
    })
    await postgres.query('update products set revision = 2 where id = $1', [key])
    await client.invalidate({ targets: [{ keyspace: 'careful', key }] })
    const before = await sidecar.metric(found('careful', 'current'))

    await readUntil('a violation', async () => (await sidecar.metric(violations('forgetful'))) > 0)
    await readUntil(
      'audits of the row as it is now',
      async () => (await sidecar.metric(found('careful', 'current'))) > before,
    )

    expect(await read('careful')).toBe(productValue(key, 2))
    expect(await read('forgetful')).toBe(productValue(key, 1))
    expect(await sidecar.metric(violations('careful'))).toBe(0)
    expect(await sidecar.metric(violations('careful', 'shard'))).toBe(0)
    // The shard knew of nothing newer either.
    expect(await sidecar.metric(violations('forgetful', 'shard'))).toBe(0)
    expect(await sidecar.metric('ringside_origin_loads_total{origin="catalog",cause="audit"}')).toBeGreaterThan(0)
    expect(sidecar.log()).toContain('an answer was older than its bound')
  })
})
