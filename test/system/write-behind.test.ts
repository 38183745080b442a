import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const MAX_BACKLOG = 20
const GUARD = 'where excluded.version >'

function configOf(redis: RedisServer, postgres: Postgres): string {
  const origin = (table: string, column: string, type: string) => ({
    type: 'postgres',
    url: postgres.url,
    load: `select id as key, ${column}::text as value from ${table} where id = any($1)`,
    store: `insert into ${table} (id, ${column}, version) select k, v, n from unnest($1::text[], $2::text[]::${type}[], $4::bigint[]) as t(k, v, n) on conflict (id) do update set ${column} = excluded.${column}, version = excluded.version ${GUARD} ${table}.version`,
    timeout: '1s',
  })
  const writes = { strategy: 'write-behind', acceptLoss: true, maxBacklog: MAX_BACKLOG }
  const keyspaces = {
    notes: { consistency: 'tolerant', ttl: '1m', origin: 'notes', writes },
    sums: {
      kind: 'counter',
      consistency: 'tolerant',
      ttl: '1m',
      origin: 'sums',
      writes: { ...writes, coalesce: '20ms' },
    },
  }
  return [
    'env: behind',
    'heartbeat: 200ms',
    `shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }`,
    `origins: ${JSON.stringify({ notes: origin('notes', 'body', 'text'), sums: origin('sums', 'total', 'bigint') })}`,
    `keyspaces: ${JSON.stringify(keyspaces)}`,
  ].join('\n')
}

describe('write-behind, with a real shard and a real database', () => {
  let redis: RedisServer
  let postgres: Postgres
  let sidecar: Sidecar
  let client: RingsideClient

  const write = (key: string, text: string) => client.write('notes', key, Buffer.from(text))
  const bodies = async () => {
    const rows = await postgres.query<{ id: string; body: string }>('select id, body from notes order by id')
    return rows.map(({ id, body }) => `${id}=${body}`)
  }

  beforeAll(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    await postgres.query(`
      create table notes (id text primary key, body text check (body <> 'poison'), version bigint not null);
      create table sums (id text primary key, total bigint, version bigint not null);
      grant all on all tables in schema public to ringside`)
  })
  afterAll(async () => {
    await redis.stop()
    await postgres.stop()
  })
  beforeEach(async () => {
    await redis.client.flushall()
    await postgres.query('truncate notes, sums')
    sidecar = await startSidecar({ config: configOf(redis, postgres) })
    client = new RingsideClient({ target: sidecar.grpc })
  })
  afterEach(async () => {
    await client.close()
    await sidecar.stop()
  })

  it('is told to the database within a moment, and not before it is acknowledged', async () => {
    const written = await write('a', 'one')
    expect(written).toMatchObject({ deferred: true, version: expect.any(Number) })
    expect(String((await client.get('notes', 'a')).value)).toBe('one')
    await until('the row', async () => (await bodies()).length > 0)
    const [row] = await postgres.query<{ version: string }>('select version from notes')
    expect(Number(row?.version)).toBe(written.version)
    await until('an empty backlog', async () => (await sidecar.metric('ringside_backlog_records{shard="a"}')) === 0)
    expect(await sidecar.metric('ringside_backlog_keys_total{result="stored"}')).toBe(1)
  })

  it('is flushed by a sidecar that is told to end, with all that it had gathered', async () => {
    await until('the lease', async () => (await redis.client.exists('behind:~behind:lease')) === 1)
    const sums = Promise.all([1n, 2n, 3n].map((delta) => client.increment('sums', 's', delta)))
    await write('a', 'one')
    expect(await sums).toStrictEqual([1n, 3n, 6n])
    expect(await sidecar.stop()).toBe(0)
    expect(await bodies()).toStrictEqual(['a=one'])
    expect(await postgres.query('select id, total from sums')).toStrictEqual([{ id: 's', total: '6' }])
    expect(await redis.client.exists('behind:~behind:lease')).toBe(0)
  })

  it('sets aside what the database refuses, and tells it the rest', async () => {
    await Promise.all(['a=one', 'b=poison', 'c=three'].map((one) => write(...(one.split('=') as [string, string]))))
    await until('the rest', async () => (await bodies()).length === 2)
    await until('what is set aside', async () => (await redis.client.xlen('behind:~behind:dead')) === 1)
    const [[, fields = []] = []] = (await redis.client.xrange('behind:~behind:dead', '-', '+')) as [string, string[]][]
    expect(fields).toContain('poison')
    expect(fields.at(-1)).toContain('SQLSTATE 23514')
    expect(sidecar.log()).toContain('change set aside')
    expect(sidecar.log()).not.toContain('poison')
    await until('its end', async () => (await client.get('notes', 'b')).outcome === 'not-found')
  })

  it('refuses what is beyond its bound while the database is down, and goes on by itself', async () => {
    await postgres.kill()
    for (let i = 0; i < MAX_BACKLOG; i += 1) await write(`k${i}`, 'x')
    await expect(write('more', 'x')).rejects.toMatchObject({ reason: 'BACKLOG_FULL', retryAfterMs: 1_000 })
    expect((await client.get('notes', 'k0')).degraded).toBe(false)
    await postgres.restart()
    await until('all rows', async () => (await bodies()).length === MAX_BACKLOG)
    expect((await write('more', 'x')).deferred).toBe(true)
  })
})
