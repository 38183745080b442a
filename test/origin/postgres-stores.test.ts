import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { LoadContext, OriginChange } from '../../src/origin/origin.ts'
import { ChangesCollided, ChangesRefused } from '../../src/origin/origin-error.ts'
import { PostgresOrigin, type PostgresOriginOptions } from '../../src/origin/postgres-origin.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { patient } from './origin-contract.ts'

const SCOPE = { keyspace: 'product', tenant: 'acme' }

let postgres: Postgres
let tables = 0
const origins: PostgresOrigin[] = []

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(async () => {
  await postgres.stop()
})

afterEach(async () => {
  await Promise.all(origins.splice(0).map((origin) => origin.close()))
})

function originWith(statements: Pick<PostgresOriginOptions, 'store' | 'delete'>, timeoutMs = 10_000): PostgresOrigin {
  const load = 'select $1::text[] as key, null as value'
  const all = { name: 'catalog', url: postgres.url, load, timeoutMs, maxConcurrent: 2, ...statements }
  const origin = new PostgresOrigin(all, { clock: systemClock, log: silentLog })
  origins.push(origin)
  return origin
}

async function newTable(columns: string): Promise<string> {
  tables += 1
  await postgres.query(`create table s${tables} (${columns})`)
  return `s${tables}`
}

/** Texts under texts, one connection at a time. */
async function plain(more: Partial<PostgresOriginOptions> = {}) {
  const table = await newTable('id text primary key, body text check (body <> $$bad$$)')
  const origin = originWith({
    store: `insert into ${table} select * from unnest($1::text[], $2::text[]) on conflict (id) do update set body = excluded.body`,
    delete: `delete from ${table} where id = any($1)`,
    ...more,
  })
  const rows = async () => {
    const found = await postgres.query<{ id: string; body: string }>(`select * from ${table} order by id`)
    return Object.fromEntries(found.map(({ id, body }) => [id, body]))
  }
  return { table, origin, rows }
}

const put = (key: string, value: string | Buffer, version = 0): OriginChange => ({
  key,
  version,
  value: Buffer.from(value),
})
const drop = (key: string, version = 0): OriginChange => ({ key, version, deleted: true })

async function store(origin: PostgresOrigin, changes: readonly OriginChange[], context: LoadContext = patient()) {
  await origin.store?.(SCOPE, changes, context)
}

const failureOf = (storing: Promise<void>) => storing.catch((error: RingsideError) => error)

describe('PostgresOrigin that stores', () => {
  it('has no store without a statement for it', () => {
    expect(originWith({}).store).toBeUndefined()
  })

  it('stores and deletes a batch of keys of any spelling', async () => {
    const { origin, rows } = await plain()
    const odd = ['a,b', '"quoted"', "it's", '{braces}', 'back\\slash', 'naïve ☃', 'NULL', ' ', '']
    await store(
      origin,
      odd.map((text) => put(text, text)),
    )
    expect(await rows()).toEqual(Object.fromEntries(odd.map((text) => [text, text])))
    await store(origin, [drop('a,b'), put('NULL', 'two'), drop('absent'), drop('')])
    const { 'a,b': _a, '': _b, ...rest } = Object.fromEntries(odd.map((text) => [text, text]))
    expect(await rows()).toEqual({ ...rest, NULL: 'two' })
  })

  it.each(['$2::bytea[]', '$2 :: BYTEA []', 'cast($2 as bytea[])'])('hands over any bytes to %s', async (cast) => {
    const table = await newTable('id text, data bytea')
    const bytes = Buffer.from([0, 255, 92, 39, 123, 44, 195])
    await store(originWith({ store: `insert into ${table} select * from unnest($1::text[], ${cast})` }), [
      put('a', bytes),
      put('b', ''),
    ])
    const found = await postgres.query<{ data: Buffer }>(`select data from ${table} order by id`)
    expect(found.map(({ data }) => data)).toEqual([bytes, Buffer.alloc(0)])
  })

  it('refuses what is no text where the statement takes text', async () => {
    const { origin, rows } = await plain()
    for (const value of [Buffer.from([195]), Buffer.from('nul \0')]) {
      const failure = await failureOf(store(origin, [put('a', value), put('b', 'x')]))
      expect(failure).toBeInstanceOf(ChangesRefused)
      expect(failure).toMatchObject({ reason: 'WRITE_REFUSED', metadata: { outcome: 'unchanged' } })
    }
    expect(await rows()).toEqual({})
  })

  it('knows the tenant and the versions, also where a statement has no use for one of them', async () => {
    const table = await newTable('tenant text, id text primary key, body text, version bigint')
    const guarded = `insert into ${table} select null, * from unnest($1::text[], $2::text[], $4::bigint[])
      on conflict (id) do update set body = excluded.body, version = excluded.version where ${table}.version < excluded.version`
    const origin = originWith({
      store: guarded,
      delete: `delete from ${table} using unnest($1::text[], $3::bigint[]) as t(k, n) where id = k and version < n`,
    })
    await store(origin, [put('a', 'two', 2), put('b', 'seven', 9_007_199_254_740_991)])
    await store(origin, [put('a', 'one', 1), put('b', 'six', 6)])
    expect(await postgres.query(`select body from ${table} order by id`)).toEqual([{ body: 'two' }, { body: 'seven' }])
    await store(origin, [drop('a', 3), drop('b', 3)])
    expect(await postgres.query(`select body from ${table}`)).toEqual([{ body: 'seven' }])

    const tenants = originWith({ store: `insert into ${table} select $3, * from unnest($1::text[], $2::text[])` })
    await store(tenants, [put('c', 'x')])
    expect(await postgres.query(`select tenant from ${table} where id = 'c'`)).toEqual([{ tenant: 'acme' }])
  })

  it('refuses to delete without a statement for it, before anything is changed', async () => {
    const { origin, rows } = await plain({ delete: undefined })
    const failure = await failureOf(store(origin, [put('a', 'x'), drop('b')]))
    expect(failure).toMatchObject({ reason: 'WRITE_REFUSED', message: expect.stringContaining('`delete` statement') })
    expect(await rows()).toEqual({})
  })

  it.each([
    ['a constraint', [put('a', 'x'), put('b', 'bad')]],
    ['a constraint, in a batch of both kinds', [drop('old'), put('a', 'x'), put('b', 'bad')]],
  ])('undoes all of a batch where the database refuses one by %s, and goes on', async (_what, changes) => {
    const { origin, rows } = await plain()
    await store(origin, [put('old', 'old')])
    const failure = await failureOf(store(origin, changes))
    expect(failure).toBeInstanceOf(ChangesRefused)
    expect(failure).toMatchObject({ message: 'origin catalog refuses the change (SQLSTATE 23514)' })
    expect(await rows()).toEqual({ old: 'old' })
    await store(origin, [put('a', 'good'), drop('old')])
    expect(await rows()).toEqual({ a: 'good' })
  })

  it('takes what a trigger raises at the commit for a refusal too', async () => {
    const { table, origin, rows } = await plain()
    await postgres.query(`create function refuse_${table}() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create constraint trigger late after insert on ${table} deferrable initially deferred for each row execute function refuse_${table}()`)
    for (const changes of [[put('a', 'x')], [put('a', 'x'), drop('b')]]) {
      expect(await failureOf(store(origin, changes))).toBeInstanceOf(ChangesRefused)
    }
    expect(await rows()).toEqual({})
  })

  it('tells a collision with others from a failure', async () => {
    const { table, origin } = await plain()
    await postgres.query(`create function collide_${table}() returns trigger language plpgsql as $$ begin raise 'x' using errcode = '40001'; end $$;
      create trigger collides before insert on ${table} for each row execute function collide_${table}()`)
    const failure = await failureOf(store(origin, [put('a', 'x')]))
    expect(failure).toBeInstanceOf(ChangesCollided)
    expect(failure).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', metadata: { outcome: 'unchanged' } })
  })

  it('knows that a statement that is wrong, or a database out of reach, has changed nothing', async () => {
    const { origin: wrong } = await plain({ store: 'insert into nowhere values ($1::text[], $2::text[])' })
    expect(await failureOf(store(wrong, [put('a', 'x')]))).toMatchObject({
      message: 'origin catalog rejects its store statement (SQLSTATE 42P01)',
      metadata: { outcome: 'unchanged' },
    })
    const { origin: away } = await plain({ url: 'postgres://ringside@127.0.0.1:1/postgres' })
    expect(await failureOf(store(away, [put('a', 'x')]))).toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      metadata: { outcome: 'unchanged' },
    })
  })

  describe('with a row that somebody else has locked', () => {
    /** Runs `meanwhile` while row a is locked. */
    async function locked(table: string, meanwhile: () => Promise<void>): Promise<void> {
      await postgres.query(`insert into ${table} values ('a', 'before')`)
      const holder = new pg.Client({ connectionString: postgres.url })
      await holder.connect()
      await holder.query('begin')
      await holder.query(`update ${table} set body = 'theirs'`)
      try {
        await meanwhile()
      } finally {
        await holder.query('rollback')
        await holder.end()
      }
    }

    async function waiting(pattern: string, event: string): Promise<number> {
      const sql = 'select count(*)::int as n from pg_stat_activity where query like $1 and wait_event = $2'
      return (await postgres.query<{ n: number }>(sql, [pattern, event]))[0]?.n ?? 0
    }

    it('does not know the outcome of what was given up, and leaves nothing running', async () => {
      const { table, origin, rows } = await plain()
      await locked(table, async () => {
        const gaveUp = new AbortController()
        const storing = failureOf(store(origin, [put('a', 'ours')], patient(gaveUp.signal)))
        await until('the change to wait', async () => (await waiting(`insert into ${table}%`, 'transactionid')) === 1)
        gaveUp.abort()
        expect(await storing).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', metadata: { outcome: 'unknown' } })
        expect(await waiting(`insert into ${table}%`, 'transactionid')).toBe(0)
      })
      expect(await rows()).toEqual({ a: 'before' })
    })

    it('has the server end what nobody is there to end', async () => {
      const { table, origin } = await plain({ timeoutMs: 300 })
      await locked(table, async () => {
        expect(await failureOf(store(origin, [put('a', 'ours')]))).toMatchObject({ metadata: { outcome: 'unknown' } })
      })
    })

    it('does not know the outcome where the server ends the connection', async () => {
      const { table, origin } = await plain()
      await locked(table, async () => {
        const storing = failureOf(store(origin, [put('a', 'ours')]))
        await until('the change to wait', async () => (await waiting(`insert into ${table}%`, 'transactionid')) === 1)
        await postgres.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'transactionid'`,
        )
        expect(await storing).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', metadata: { outcome: 'unknown' } })
      })
    })
  })

  it('has the server end a transaction in which nobody says anything any more', async () => {
    const { origin } = await plain({ timeoutMs: 4_321 })
    await store(origin, [put('a', 'x')])
    await postgres.query('create table seen as select null::text as idle, null::text as statement where false')
    const { origin: looks } = await plain({
      timeoutMs: 4_321,
      store: `insert into seen select current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')
        from unnest($1::text[], $2::text[])`,
    })
    await store(looks, [put('a', 'x')])
    expect(await postgres.query('select * from seen')).toEqual([{ idle: '4321ms', statement: '4321ms' }])
  })
})
