import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { documentedSql } from '../events/documented-sql.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const [SETUP = '', TRIGGER = ''] = documentedSql('an outbox')
const ACTIVE = 'ringside_events_active{source="shop"}'

let postgres: Postgres
let redis: RedisServer
let sidecars: Sidecar[]
let clients: RingsideClient[]

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  await postgres.query(
    `${SETUP} create table products (id int primary key, category text, shop text, price int); ${TRIGGER}`,
  )
  await postgres.query("insert into products select n, 'toys', 'acme', 0 from generate_series(1, 50) as n")
  const config = `
env: test
heartbeat: 200ms
shards: { nodes: [{ name: a, primary: "${redis.url}" }] }
origins:
  shop: { type: postgres, url: "${postgres.url}", load: "select id::text as key, price::text as value from products where id::text = any($1)" }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 1h, origin: shop } }
events:
  sources: { shop: { type: postgres-outbox, url: "${postgres.url}" } }
  rules: [{ on: ProductUpdated, keys: [{ keyspace: product, key: "{id}" }] }]
`
  sidecars = await Promise.all([0, 1, 2].map(() => startSidecar({ config })))
  clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc }))
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
  await Promise.all([postgres.stop(), redis.stop()])
})

/** The prices that every living sidecar answers with, of all products. */
async function everywhere(price: number): Promise<boolean> {
  for (const client of clients) {
    for (let id = 1; id <= 50; id += 1) {
      const { value } = await client.get('product', String(id))
      if (value.toString() !== String(price)) return false
    }
  }
  return true
}

async function consumerAt(): Promise<number> {
  const active = await Promise.all(sidecars.map((sidecar) => sidecar.metric(ACTIVE)))
  return active.indexOf(1)
}

describe('changes of rows that an outbox tells of', () => {
  it('are seen through every sidecar without a call to any, also after the one that consumes events is killed', async () => {
    await until('a consumer', async () => (await consumerAt()) >= 0)
    expect(await everywhere(0)).toBe(true)
    await postgres.query('update products set price = 1')
    await until('the change everywhere', () => everywhere(1))

    const at = await consumerAt()
    const [killed] = sidecars.splice(at, 1)
    await clients.splice(at, 1)[0]?.close()
    const changing = postgres.query('update products set price = 2')
    await killed?.kill()
    await changing
    await until('the change everywhere', () => everywhere(2))
    expect(await consumerAt()).toBeGreaterThanOrEqual(0)
    expect(await postgres.query('select id from ringside_outbox')).toEqual([])
  })

  it('are taken over from a sidecar that stands still', async () => {
    const at = await consumerAt()
    const frozen = sidecars[at] as Sidecar
    process.kill(frozen.pid, 'SIGSTOP')
    const [others, rest] = [sidecars.filter((_, index) => index !== at), clients.filter((_, index) => index !== at)]
    await postgres.query('update products set price = 3')
    await until('another consumer', async () => (await others[0]!.metric(ACTIVE)) === 1)
    await until('the change', async () => (await rest[0]!.get('product', '7')).value.toString() === '3')
    process.kill(frozen.pid, 'SIGCONT')
    await until('the change everywhere', () => everywhere(3))
  })
})
