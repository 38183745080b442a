import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const BODY = 'what a shop says of its lamps, '.repeat(1_000)
const bodyOf = (id: number | string) => JSON.stringify({ id, body: BODY })

function configOf(redis: RedisServer, postgres: Postgres, compress: string): string {
  const origin = {
    type: 'postgres',
    url: postgres.url,
    load: 'select id as key, body as value from pages where id = any($1)',
    store:
      'insert into pages (id, body, version) select k, v, n from unnest($1::text[], $2::text[], $4::bigint[]) as t(k, v, n) on conflict (id) do update set body = excluded.body, version = excluded.version where excluded.version = 0 or pages.version < excluded.version',
  }
  const keyspace = (more: string) => `{ consistency: tolerant, ttl: 10m, maxStaleness: 1m${more}${compress} }`
  return `
env: small
heartbeat: 200ms
near: { maxBytes: 1MiB }
shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }
origins: { pages: ${JSON.stringify(origin)} }
keyspaces:
  aside: ${keyspace('')}
  loaded: ${keyspace(', origin: pages')}
  through: ${keyspace(', origin: pages, writes: { strategy: write-through }')}
  behind: ${keyspace(', origin: pages, writes: { strategy: write-behind, acceptLoss: true }')}
`
}

describe('a sidecar that compresses and one that does not, over one shard', () => {
  let redis: RedisServer
  let postgres: Postgres
  let sidecars: [Sidecar, Sidecar]
  let squeezing: RingsideClient
  let plain: RingsideClient

  beforeAll(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    await postgres.query('create table pages (id text primary key, body text, version bigint not null default 0)')
    await postgres.query('grant all on pages to ringside')
    sidecars = await Promise.all([
      startSidecar({ config: configOf(redis, postgres, ', compress: { above: 4KiB }') }),
      startSidecar({ config: configOf(redis, postgres, '') }),
    ])
    const clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc }))
    squeezing = clients[0] as RingsideClient
    plain = clients[1] as RingsideClient
  })
  afterAll(async () => {
    await Promise.all([squeezing.close(), plain.close()])
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
    await redis.stop()
    await postgres.stop()
  })

  const nameOf = (keyspace: string, key: string) => `small:${keyspace}:v1::${key}`
  const bytesOf = (keyspace: string, key: string) => redis.client.strlen(nameOf(keyspace, key))
  const isSmall = async (keyspace: string, key: string) => (await bytesOf(keyspace, key)) < bodyOf(key).length / 10
  /** What both answer, one near cache after the other. */
  async function answers(keyspace: string, key: string): Promise<readonly string[]> {
    const read = async (client: RingsideClient) => String((await client.get(keyspace, key)).value)
    return [await read(plain), await read(squeezing), await read(plain), await read(squeezing)]
  }
  const same = (text: string) => [text, text, text, text]

  it('both read what either has set, and which members of it', async () => {
    await squeezing.set('aside', 'a', Buffer.from(bodyOf('a')))
    expect(await isSmall('aside', 'a')).toBe(true)
    expect(await answers('aside', 'a')).toEqual(same(bodyOf('a')))
    for (const client of [plain, squeezing]) {
      const part = await client.get('aside', 'a', { fields: ['id'] })
      expect(String(part.value)).toBe('{"id":"a"}')
    }
    await plain.set('aside', 'a', Buffer.from(bodyOf('b')))
    expect(await isSmall('aside', 'a')).toBe(false)
    await until('the change heard of', async () => (await answers('aside', 'a')).join() === same(bodyOf('b')).join())
  })

  it('both read what was loaded, many keys at once', async () => {
    const keys = Array.from({ length: 100 }, (_, key) => `l${key}`)
    await postgres.query('insert into pages (id, body) select k, v from unnest($1::text[], $2::text[]) as t(k, v)', [
      keys,
      keys.map(bodyOf),
    ])
    for (const client of [squeezing, plain]) {
      const read = await client.batchGet(keys.map((key) => ({ keyspace: 'loaded', key })))
      expect(read.map((one) => ('answer' in one ? String(one.answer.value) : one))).toEqual(keys.map(bodyOf))
    }
    expect(await Promise.all(keys.map((key) => isSmall('loaded', key)))).toEqual(keys.map(() => true))
  })

  it('both read what was written through', async () => {
    await squeezing.write('through', 'w', Buffer.from(bodyOf('w')))
    expect(await isSmall('through', 'w')).toBe(true)
    expect(await answers('through', 'w')).toEqual(same(bodyOf('w')))
  })

  it('both read what waits for the database, which is told of it as it is, and what has reached it', async () => {
    await squeezing.write('behind', 'd', Buffer.from(bodyOf('d')))
    expect(await answers('behind', 'd')).toEqual(same(bodyOf('d')))
    const row = async () => (await postgres.query<{ body: string }>("select body from pages where id = 'd'"))[0]?.body
    await until('the row', async () => (await row()) === bodyOf('d'))
    await until('the record being settled', async () => (await redis.client.pttl(nameOf('behind', 'd'))) > 0)
    expect(await answers('behind', 'd')).toEqual(same(bodyOf('d')))
  })

  it('answer a miss where one is damaged, say so, and go on with what takes its place', async () => {
    const [one] = sidecars
    const corrupt = 'ringside_decompressed_values_total{keyspace="aside",result="corrupt"}'
    await squeezing.set('aside', 'x', Buffer.from(bodyOf('x')))
    const raw = (await redis.client.getBuffer(nameOf('aside', 'x'))) as Buffer
    raw.fill(0xff, raw.length - 40)
    await redis.client.set(nameOf('aside', 'x'), raw, 'KEEPTTL')
    const strict = { maxStalenessMs: 0 }
    const missed = await squeezing.get('aside', 'x', strict)
    expect(missed.outcome).toBe('miss')
    expect(await one.metric(corrupt)).toBeGreaterThan(0)
    expect(one.log()).toContain('a compressed value makes no sense')
    await squeezing.set('aside', 'x', Buffer.from(bodyOf('y')), { leaseToken: missed.lease?.token ?? '' })
    expect(String((await plain.get('aside', 'x', strict)).value)).toBe(bodyOf('y'))
  })

  it('tell how much it saves', async () => {
    const [one, other] = sidecars
    const [before, after] = await Promise.all(
      ['before', 'after'].map((stage) =>
        one.metric(`ringside_compressed_bytes_total{keyspace="loaded",stage="${stage}"}`),
      ),
    )
    expect(before).toBe(Array.from({ length: 100 }, (_, key) => bodyOf(`l${key}`).length).reduce((a, b) => a + b))
    expect(after).toBeLessThan((before ?? 0) / 10)
    const compressed = [...(await other.metrics())].filter(([name]) => name.startsWith('ringside_compressed'))
    expect(compressed.filter(([, value]) => value > 0)).toEqual([])
  })
})
