import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const ROUNDS = 30
const KEYS = Array.from({ length: 8 }, (_, key) => `k${key}`)
const TAGS = 1_000
const ENTRIES_PER_TAG = 10
const SETS_AT_ONCE = 200

function config(redis: readonly RedisServer[], postgres: Postgres): string {
  const nodes = redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`)
  const load =
    'with slow as materialized (select id, value, tags from items where id = any($1)) select id as key, value, tags from slow, (select pg_sleep(0.01)) as late'
  return `
env: test
shards: { topology: ring, nodes: [${nodes.join(', ')}], timeout: 2s }
lease: { ttl: 10s, wait: 8s }
origins:
  items: { type: postgres, url: "${postgres.url}", timeout: 5s, load: "${load}" }
keyspaces:
  item: { consistency: bounded, maxStaleness: 2s, ttl: 10m, origin: items }
  strict: { consistency: strong, ttl: 10m, origin: items }
  page: { consistency: bounded, maxStaleness: 60s, ttl: 10m }
`
}

describe('two sidecars, three shards and a database whose rows name tags', () => {
  let postgres: Postgres
  let redis: RedisServer[]
  let sidecars: Sidecar[]
  let clients: CacheClient[]

  beforeAll(async () => {
    postgres = await startPostgres()
    await postgres.query('create table items (id text primary key, value int not null, tags text[])')
    await postgres.query("insert into items select unnest($1::text[]), 0, array['all', 'kind,of']", [KEYS])
    await postgres.query('grant select on items to ringside')
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

  /** Every key of a keyspace, by every sidecar, as of now unless a bound is named. */
  async function values(keyspace: string, max_staleness_ms = 0): Promise<readonly number[]> {
    const reads = clients.flatMap((client) => KEYS.map((key) => client.get({ keyspace, key, max_staleness_ms })))
    return (await Promise.all(reads)).map(({ value }) => Number(value.toString()))
  }

  it.each(['item', 'strict'])(
    'never answer a value of %s that was being loaded while its tag was invalidated',
    async (keyspace) => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        // Loads that began before the commit end after the invalidation, and would store what they saw.
        const before = values(keyspace, 2_000)
        await postgres.query('update items set value = $1', [round])
        const tag = round % 2 === 0 ? 'all' : 'kind,of'
        await clients[round % clients.length]?.invalidate({ targets: [{ keyspace, tag }] })
        const after = await values(keyspace)
        expect(after).toEqual(after.map(() => round))
        await before
        expect(await values(keyspace)).toEqual(after)
      }
    },
  )

  it('keep what carries tags near, and drop it the moment that one of them is invalidated', async () => {
    const [reader, writer] = clients as [CacheClient, CacheClient]
    const get = () => reader.get({ keyspace: 'item', key: 'k0' })
    await until('a near hit', async () => (await get()).source === 'SOURCE_NEAR')
    await postgres.query('update items set value = 1000')
    await writer.invalidate({ targets: [{ keyspace: 'item', tag: 'all' }] })
    await until('the new value', async () => (await get()).value.toString() === '1000')
    await until('a near hit', async () => (await get()).source === 'SOURCE_NEAR')
    expect((await get()).value.toString()).toBe('1000')
  })

  it(`invalidate ${TAGS} tags of ${ENTRIES_PER_TAG} entries each by one small operation a tag`, async () => {
    const client = clients[0] as CacheClient
    const key = (tag: number, entry: number) => `${tag}-${entry}`
    const names = Array.from({ length: TAGS }, (_, tag) =>
      Array.from({ length: ENTRIES_PER_TAG }, (_one, entry) => [tag, entry] as const),
    ).flat()
    for (let from = 0; from < names.length; from += SETS_AT_ONCE) {
      const sets = names.slice(from, from + SETS_AT_ONCE).map(([tag, entry]) => {
        return client.set({
          keyspace: 'page',
          key: key(tag, entry),
          value: Buffer.from('v'),
          tags: [`t${tag}`, 'page'],
        })
      })
      expect((await Promise.all(sets)).every(({ stored }) => stored)).toBe(true)
    }
    const commands = async () => {
      const stats = await Promise.all(redis.map((server) => server.client.info('commandstats')))
      const calls = (name: string) =>
        stats.reduce((sum, one) => sum + Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(one)?.[1] ?? 0), 0)
      return { scripts: calls('evalsha'), deletes: calls('del') + calls('unlink') }
    }
    const found = async (tags: readonly number[]) => {
      const requests = tags.map((tag) => ({ keyspace: 'page', key: key(tag, 0) }))
      const { results } = await client.batchGet({ requests })
      return results.filter(({ response }) => response?.outcome === 'OUTCOME_FOUND').length
    }
    const all = Array.from({ length: TAGS }, (_, tag) => tag)
    expect(await found(all)).toBe(TAGS)
    const [before, startedAt] = [await commands(), performance.now()]
    const targets = all.filter((tag) => tag > 0).map((tag) => ({ keyspace: 'page', tag: `t${tag}` }))
    const { results } = await client.invalidate({ targets })
    console.log(
      `${targets.length} tags of ${ENTRIES_PER_TAG} entries in ${Math.round(performance.now() - startedAt)} ms`,
    )
    const after = await commands()
    expect(results.every(({ deferred, version }) => !deferred && version > 0)).toBe(true)
    expect(after.deletes).toBe(before.deletes)
    // Heartbeats of two sidecars are scripts too.
    expect(after.scripts - before.scripts).toBeLessThan(targets.length + 200)
    expect(await found([0])).toBe(1)
    expect(await found(all)).toBe(1)
  })
})
