import { status } from '@grpc/grpc-js'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause, systemClock } from '../../src/base/clock.ts'
import { CacheClient } from '../rpc/client.ts'
import { openLoop, type Sample } from '../support/load.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts, productValue } from '../support/products.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const ORIGIN_LIMIT = 4
const DEADLINE_MS = 4_000
const FOR_MS = 20_000
const KEYS = 5_000

function config(redis: readonly RedisServer[], postgres: Postgres): string {
  const nodes = redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`)
  return `
env: test
shards: { topology: ring, nodes: [${nodes.join(', ')}] }
near: { maxBytes: 0 }
origins:
  catalog: { type: postgres, url: "${postgres.url}", maxConcurrent: ${ORIGIN_LIMIT}, load: "select id as key, value from product_values where id = any($1)" }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog }
`
}

/** How many queries of the sidecar ran at once at the most, as PostgreSQL saw it, until it is called again. */
async function watchConcurrency(postgres: Postgres): Promise<() => Promise<number>> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  let most = 0
  let stopped = false
  const watching = (async () => {
    while (!stopped) {
      const { rows } = await client.query<{ count: string }>(
        `select count(*) from pg_stat_activity where application_name = 'ringside' and state = 'active'`,
      )
      most = Math.max(most, Number(rows[0]?.count))
      await pause(systemClock, 10)
    }
  })()
  return async () => {
    stopped = true
    await watching
    await client.end()
    return most
  }
}

function judge(samples: readonly Sample[]): void {
  const wrong = samples.filter(({ key, value }) => value !== undefined && value !== productValue(key))
  expect(wrong).toEqual([])
  const late = samples.filter(({ tookMs }) => tookMs > DEADLINE_MS / 2)
  expect(late.length / samples.length).toBeLessThanOrEqual(0.01)
  const settled = samples.filter(({ sentAt }) => sentAt > 1_000)
  const timedOut = settled.filter(({ code }) => code === status.DEADLINE_EXCEEDED)
  expect(timedOut.length / settled.length).toBeLessThanOrEqual(0.001)
}

describe('with one of three shards lost under 2,000 gets a second', () => {
  let postgres: Postgres
  let redis: RedisServer[]
  let sidecar: Sidecar
  let client: CacheClient

  beforeAll(async () => {
    postgres = await startPostgres()
    await createProducts(postgres)
    redis = await Promise.all([startRedis(), startRedis(), startRedis()])
    sidecar = await startSidecar({ config: config(redis, postgres) })
    client = new CacheClient(sidecar.grpc)
  })
  afterAll(async () => {
    client.close()
    await sidecar.stop()
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  })

  async function drill(lose: (shard: RedisServer) => Promise<void> | void): Promise<void> {
    const requests = Array.from({ length: KEYS }, (_, index) => ({ keyspace: 'product', key: String(index + 1) }))
    for (let from = 0; from < KEYS; from += 1_000)
      await client.batchGet({ requests: requests.slice(from, from + 1_000) })
    const stopWatching = await watchConcurrency(postgres)
    const running = openLoop({
      target: sidecar.grpc,
      perSecond: 2_000,
      forMs: FOR_MS,
      deadlineMs: DEADLINE_MS,
      request: (index) => requests[(index * 7_919) % KEYS] as { keyspace: string; key: string },
    })
    await lose(redis[1] as RedisServer)
    const samples = await running
    expect(await stopWatching()).toBeLessThanOrEqual(ORIGIN_LIMIT)
    judge(samples)
    const fallbacks = await sidecar.metric('ringside_origin_loads_total{origin="catalog",cause="fallback"}')
    expect(fallbacks).toBeGreaterThan(0)
  }

  /** Every key comes from its shard again, without anybody's help. */
  async function normal(): Promise<void> {
    await until('readiness without a reason', async () => (await sidecar.readiness()).body.reasons.length === 0)
    const keys = Array.from({ length: 300 }, (_, index) => String(index + 1))
    await until('answers from the shards only', async () => {
      const { results } = await client.batchGet({ requests: keys.map((key) => ({ keyspace: 'product', key })) })
      return results.every((result) => result.response?.source === 'SOURCE_PRIMARY')
    })
  }

  it('answers on from the other shards and the origin, within its limit, when the shard is killed', async () => {
    await drill((shard) => shard.kill())
    expect((await sidecar.readiness()).body).toMatchObject({
      ready: true,
      reasons: [expect.stringContaining('shard s1 is down')],
    })
    await (redis[1] as RedisServer).restart()
    await normal()
  })

  it('does so, too, when the shard is frozen and its connections stay open', async () => {
    await drill((shard) => shard.freeze())
    ;(redis[1] as RedisServer).thaw()
    await normal()
  })
})
