import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { ExampleRedis } from '../support/example-redis.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** Everything that a sidecar can be asked to do with a shard. */
function configOf(example: ExampleRedis, postgres: Postgres): string {
  const store = (column: string, type: string) =>
    `insert into items (id, ${column}, version) select k, v, n from unnest($1::text[], $2::text[]::${type}[], $4::bigint[]) as t(k, v, n) on conflict (id) do update set ${column} = excluded.${column}, version = excluded.version where excluded.version > items.version`
  const origin = (column: string, type: string) => ({
    type: 'postgres',
    url: postgres.url,
    load: `select id as key, ${column}::text as value from items where id = any($1)`,
    store: store(column, type),
    maxConcurrent: 4,
  })
  const behind = { strategy: 'write-behind', acceptLoss: true }
  const bounded = { consistency: 'bounded', maxStaleness: '2s', ttl: '10m', origin: 'bodies' }
  // Only what is written behind has versions that one may go by.
  const through = {
    ...origin('body', 'text'),
    store:
      'insert into items (id, body) select k, v from unnest($1::text[], $2::text[]) as t(k, v) on conflict (id) do update set body = excluded.body',
  }
  const keyspaces = {
    read: { ...bounded, ttl: '2s', softTtl: '1s', replicas: { read: true } },
    written: { consistency: 'strong', ttl: '10m', origin: 'through', writes: { strategy: 'write-through' } },
    session: { consistency: 'tolerant', ttl: '30m' },
    notes: { consistency: 'tolerant', ttl: '1m', origin: 'bodies', writes: behind },
    views: {
      kind: 'counter',
      consistency: 'tolerant',
      ttl: '1m',
      origin: 'totals',
      writes: { ...behind, coalesce: '20ms' },
    },
  }
  return [
    'env: prod',
    'fleet: 4',
    'heartbeat: 200ms',
    'locks: { enabled: true }',
    'hot: { leastRate: 1/s }',
    `shards: { timeout: 500ms, nodes: [{ name: a, sentinel: { master: main, nodes: ${JSON.stringify(example.sentinels)}, user: ringside, password: ${example.password} } }] }`,
    `origins: ${JSON.stringify({ bodies: origin('body', 'text'), totals: origin('total', 'bigint'), through })}`,
    `keyspaces: ${JSON.stringify(keyspaces)}`,
  ].join('\n')
}

describe('the servers, Sentinels and users of the example for Kubernetes', () => {
  let example: ExampleRedis
  let postgres: Postgres
  let sidecars: Sidecar[]
  let client: RingsideClient
  let other: RingsideClient

  beforeAll(async () => {
    example = await ExampleRedis.start()
    postgres = await startPostgres()
    await postgres.query(`
      create table items (id text primary key, body text, total bigint, version bigint not null default 0);
      insert into items (id, body) select n::text, 'body ' || n from generate_series(1, 100) n;
      grant all on items to ringside`)
    const config = configOf(example, postgres)
    sidecars = await Promise.all([startSidecar({ config }), startSidecar({ config })])
    const [one, two] = sidecars.map(({ socket }) => new RingsideClient({ target: `unix:${socket}` }))
    ;[client, other] = [one!, two!]
  })
  afterAll(async () => {
    await Promise.all([client, other].map((one) => one.close()))
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
    await Promise.all([example.stop(), postgres.stop()])
  })

  const source = async (keyspace: string, key: string) => (await client.get(keyspace, key)).source

  it('do for a sidecar whatever it is asked, and deny it nothing', async () => {
    const ask = { keyspace: 'read', key: '1' }
    await client.batchGet(Array.from({ length: 50 }, (_, index) => ({ ...ask, key: String(index + 1) })))
    await client.get('read', '404')
    await client.get('read', '2', { maxStalenessMs: 0 })
    await client.invalidate('read', '3')
    await until('a near entry that lives by tracking', async () => (await source('read', '4')) === 'near')
    await until('a refresh ahead of expiry', async () => {
      await client.get('read', '5')
      return ((await sidecars[0]?.metric('ringside_origin_loads_total{origin="bodies",cause="refresh"}')) ?? 0) > 0
    })

    await client.set('session', 'a', Buffer.from('one'), { tags: ['all'] })
    await client.invalidateTag('session', 'all')
    expect((await client.get('session', 'a')).outcome).toBe('miss')
    expect(await client.getOrLoad('session', 'b', async () => Buffer.from('two'))).toEqual(Buffer.from('two'))

    await client.write('written', '6', Buffer.from('written'))
    expect((await other.get('written', '6')).value.toString()).toBe('written')
    await client.write('notes', '7', Buffer.from('noted'))
    await client.increment('views', '8', 3n, { requestId: 'once' })
    await until('what was written behind', async () => {
      const rows = await postgres.query(`select 1 from items where body = 'noted' or total = 3`)
      return rows.length === 2
    })

    const held = await client.locks.acquire('report', { ttlMs: 10_000 })
    const waiting = other.locks.acquire('report', { ttlMs: 10_000, waitMs: 10_000 })
    await until('the waiter', async () => (await sidecars[1]?.metric('ringside_locks_waiting')) === 1)
    await client.locks.renew(held!, 10_000)
    await client.locks.release(held!)
    await other.locks.release((await waiting)!)

    const bump = await runProgram(['bump', 'session', '--address', `unix:${sidecars[0]?.socket}`])
    expect(bump).toMatchObject({ code: 0 })
    expect((await runProgram(['hot', '--address', `unix:${sidecars[0]?.socket}`])).code).toBe(0)
    expect(await example.denied()).toEqual([])
  })

  it('are set up as a sidecar asks for, so that it has nothing to warn of', async () => {
    expect((await sidecars[0]?.readiness())?.body).toMatchObject({ ready: true, reasons: [] })
  })

  it.each([
    ['a key of another environment', ['get', 'staging:product:v1::1']],
    ['a change of the settings', ['config', 'set', 'maxmemory', '1']],
    ['an emptied server', ['flushall']],
    ['a list of all keys', ['keys', '*']],
    ['another channel', ['subscribe', 'news']],
  ])('do not let the user of the sidecars have %s', async (_, [command, ...args]) => {
    const { host } = await example.primary()
    const user = example.client(host, { username: 'ringside', password: example.password })
    await expect(user.call(command as string, ...args)).rejects.toThrow('NOPERM')
    user.disconnect()
    await example.at(host).acl('LOG', 'RESET')
  })

  it('let a replica take over, which sidecars follow, and take the former primary back as a replica', async () => {
    const { host } = await example.primary()
    await example.kill(host)
    await until('a change that is acknowledged', () =>
      client.invalidate('read', '9').then(
        () => true,
        () => false,
      ),
    )
    expect((await example.primary()).host).not.toBe(host)
    await example.restart(host)
    await until('two replicas again', async () => (await example.primary()).replicas === 2)
    expect((await example.primary()).host).not.toBe(host)
    expect(await example.denied()).toEqual([])
  })
})
