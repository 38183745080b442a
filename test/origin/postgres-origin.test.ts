import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { UnanswerableKeys } from '../../src/origin/origin-error.ts'
import { PostgresOrigin, type PostgresOriginOptions } from '../../src/origin/postgres-origin.ts'
import { TaggedValue } from '../../src/origin/tagged-value.ts'
import { holdLoads } from '../support/held-loads.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { unpacked } from '../support/unpacked.ts'
import { originContract, patient } from './origin-contract.ts'

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

function originOver(load: string, options: Partial<PostgresOriginOptions> = {}): PostgresOrigin {
  const all = { name: 'catalog', url: postgres.url, load, timeoutMs: 10_000, maxConcurrent: 4, ...options }
  const origin = new PostgresOrigin(all, { clock: systemClock, log: silentLog })
  origins.push(origin)
  return origin
}

async function newTable(columns: string): Promise<string> {
  tables += 1
  await postgres.query(`create table t${tables} (${columns})`)
  return `t${tables}`
}

/** What a statement yields for some keys, as text. */
async function loadText(load: string, keys: readonly string[]): Promise<Record<string, string>> {
  const values = await originOver(load).load(SCOPE, keys, patient())
  return Object.fromEntries([...values].map(([key, value]) => [key, value.toString()]))
}

function failureOf(load: string, keys: readonly string[] = ['1'], options: Partial<PostgresOriginOptions> = {}) {
  return originOver(load, options)
    .load(SCOPE, keys, patient())
    .catch((error: unknown) => error)
}

describe('PostgresOrigin', () => {
  originContract(async (values) => {
    const table = await newTable('id text primary key, value json')
    const insert = `insert into ${table} select * from unnest($1::text[], $2::text[]::json[])`
    await postgres.query(insert, [[...values.keys()], [...values.values()]])
    return originOver(`select id as key, value from ${table} where id = any($1)`)
  })

  describe('keys', () => {
    it.each([
      ['bigint', ['1', '9007199254740993'], '7'],
      ['int', ['1', '-2'], '7'],
      ['smallint', ['1', '2'], '7'],
      ['uuid', ['00000000-0000-4000-8000-000000000001'], '00000000-0000-4000-8000-000000000007'],
      ['text', ['a', 'b'], 'c'],
      ['numeric', ['1.50', '2'], '7'],
    ])('are found in a column of type %s', async (type, keys, absent) => {
      const table = await newTable(`id ${type} primary key, value text`)
      await postgres.query(`insert into ${table} select id::${type}, 'v' || id from unnest($1::text[]) as id`, [keys])
      const found = await loadText(`select id as key, value from ${table} where id = any($1)`, [...keys, absent])
      expect(found).toEqual(Object.fromEntries(keys.map((key) => [key, `v${key}`])))
    })

    it('are compared as text: another spelling of the same number is another key', async () => {
      const table = await newTable('id int')
      await postgres.query(`insert into ${table} values (7)`)
      expect(await loadText(`select id as key, id as value from ${table} where id = any($1)`, ['007'])).toEqual({
        '7': '7',
      })
    })

    it('that come twice are an error, and no value by chance', async () => {
      const load = `select k as key, v as value from (values ('a', 1), ('a', 1), ('b', 2)) as t (k, v) where k = any($1)`
      const values = await originOver(load).load(SCOPE, ['a', 'b'], patient())
      expect(values.get('a')).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog yields more than one row for a key',
      })
      expect(values.get('b')?.toString()).toBe('2')
    })

    it.each([
      ['abc', '22P02'],
      ['99999999999999999999', '22003'],
    ])('that PostgreSQL cannot read, as %s for a bigint, are told from its own failures', async (key, code) => {
      const table = await newTable('id bigint')
      const error = await failureOf(`select id as key, id as value from ${table} where id = any($1)`, ['1', key])
      expect(error).toBeInstanceOf(UnanswerableKeys)
      expect(error).toMatchObject({
        reason: 'KEY_INVALID',
        message: `key: origin catalog cannot read it as the type of its key column (SQLSTATE ${code})`,
      })
    })

    it('whose value cannot be computed are told from its own failures too', async () => {
      const error = await failureOf('select k as key, 1 / (k::int - 1) as value from unnest($1::text[]) as k')
      expect(error).toBeInstanceOf(UnanswerableKeys)
      expect(error).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog cannot compute the value of a key (SQLSTATE 22012)',
      })
    })
  })

  describe('values', () => {
    it.each([
      ['json', `'{"b": 1,  "a":12345678901234567890}'::json`, '{"b": 1,  "a":12345678901234567890}'],
      ['jsonb', `'{"b":1,"a":1.10}'::jsonb`, '{"a": 1.10, "b": 1}'],
      ['text', `'naïve ☃'::text`, 'naïve ☃'],
      ['empty text', `''::text`, ''],
      ['varchar', `'v'::varchar`, 'v'],
      ['int', '42', '42'],
      ['bigint', '9223372036854775807', '9223372036854775807'],
      ['numeric', '1.10', '1.10'],
      ['boolean', 'true', 't'],
      ['date', `'2024-02-29'::date`, '2024-02-29'],
      ['int[]', 'array[1, 2]', '{1,2}'],
    ])('of type %s are served as PostgreSQL writes them', async (_, expression, text) => {
      expect(await loadText(`select k as key, ${expression} as value from unnest($1::text[]) as k`, ['1'])).toEqual({
        '1': text,
      })
    })

    it.each(['hex', 'escape'])('of type bytea are served as their bytes, whatever the output (%s)', async (output) => {
      const load = `select k as key, '\\x00ff5c0a80'::bytea as value from unnest($1::text[]) as k`
      const url = `${postgres.url}?options=-cbytea_output%3D${output}`
      const values = await originOver(load, { url }).load(SCOPE, ['1'], patient())
      expect(values.get('1')).toEqual(Buffer.from([0, 255, 92, 10, 128]))
    })

    it.each([
      ['json', `'{"b": 1, "a":[12345678901234567890, 1.5]}'::json`, { b: 1, a: [12345678901234567890n, 1.5] }],
      ['jsonb', `'{"ms": 1795746893068}'::jsonb`, { ms: 1795746893068n }],
      ['text', `'naïve ☃'::text`, 'naïve ☃'],
      ['int', '-42', -42],
      ['bigint', '9223372036854775807', 9223372036854775807n],
      ['float', '1.5::float8', 1.5],
      ['numeric', '1.10', '1.10'],
      ['boolean', 'true', true],
      ['a row', `to_jsonb(t) from (values (1, 'a')) as t (id, name), (select '1' as k) as s`, { id: 1, name: 'a' }],
    ])('of type %s are MessagePack where the origin encodes rows so', async (_, expression, value) => {
      const from = expression.includes(' from ') ? '' : 'from unnest($1::text[]) as k'
      const load = `select k as key, value from (select k, ${expression.includes(' from ') ? expression.replace(' from ', ' as value from ') : `${expression} as value ${from}`}) as t where k = any($1)`
      const values = await originOver(load, { encoding: 'msgpack' }).load(SCOPE, ['1'], patient())
      expect(unpacked(values.get('1') as Buffer)).toEqual(value)
    })

    it('of type bytea are served as they are by an origin that encodes rows', async () => {
      const load = `select k as key, '\\x81a16101'::bytea as value from unnest($1::text[]) as k`
      const values = await originOver(load, { encoding: 'msgpack' }).load(SCOPE, ['1'], patient())
      expect(unpacked(values.get('1') as Buffer)).toEqual({ a: 1 })
    })

    it('that are NULL do not exist', async () => {
      expect(await loadText('select k as key, null::text as value from unnest($1::text[]) as k', ['1'])).toEqual({})
    })

    it('are found by the names of their columns, not by their order', async () => {
      const load = `select 'v' as value, 'other' as more, k as key from unnest($1::text[]) as k`
      expect(await loadText(load, ['1'])).toEqual({ '1': 'v' })
    })
  })

  describe('tags', () => {
    const tagged = (expression: string) =>
      `select k as key, 'v' as value, ${expression} as tags from unnest($1::text[]) as k`
    const load = async (expression: string) =>
      (await originOver(tagged(expression)).load(SCOPE, ['1'], patient())).get('1')

    it('come with their value, whatever characters they have, and NULL is none', async () => {
      const tags = ['a', 'b,c', '{"d"}', 'größe', 'NULL']
      expect(await load(`array['a', 'b,c', '{"d"}', 'größe', 'NULL', null]`)).toEqual(
        new TaggedValue(Buffer.from('v'), tags),
      )
      expect(await load('null::text[]')).toEqual(Buffer.from('v'))
      expect(await load(`'{}'::text[]`)).toEqual(Buffer.from('v'))
    })

    it.each(["array['']", "array_fill('t'::text, array[17])", "array[repeat('t', 129)]"])(
      'that are none make their value an error, and are never left out (%s)',
      async (expression) => {
        expect(await load(expression)).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      },
    )

    it('of another type than text[] are refused, with the mend', async () => {
      const failure = await failureOf(tagged("'a,b'"))
      expect(failure).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: expect.stringContaining('::text[] as tags'),
      })
    })
  })

  describe('the statement', () => {
    it('gets the tenant as $2', async () => {
      const load = 'select k as key, $2::text as value from unnest($1::text[]) as k'
      expect(await loadText(load, ['1'])).toEqual({ '1': 'acme' })
    })

    it('is prepared once for each connection', async () => {
      const load = `select k as key, (select count(*) from pg_prepared_statements) as value from unnest($1::text[]) as k`
      const origin = originOver(load, { maxConcurrent: 1 })
      for (let left = 3; left > 0; left -= 1) await origin.load(SCOPE, ['1'], patient())
      expect((await origin.load(SCOPE, ['1'], patient())).get('1')?.toString()).toBe('1')
    })

    it('must use its keys', () => {
      expect(() => originOver('select id as key, id as value from products where id = $10')).toThrow(
        'origins.catalog.load never uses its keys; add: where id = any($1)',
      )
    })

    it.each(['key', 'value'])('that yields no column "%s" is told which', async (name) => {
      const other = name === 'key' ? 'value' : 'key'
      expect(await failureOf(`select k as ${other} from unnest($1::text[]) as k`)).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: `origin catalog yields no column "${name}"; its load statement must name one so: … as ${name}`,
      })
    })

    it('that is no SQL fails with its cause', async () => {
      const error = await failureOf('selekt $1')
      expect(error).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog rejects its load statement (SQLSTATE 42601)',
      })
      expect(error).toHaveProperty('cause.message', expect.stringContaining('selekt'))
    })

    it('that names no table that exists works as soon as it does', async () => {
      const origin = originOver('select id as key, id as value from latecomer where id = any($1)')
      await expect(origin.load(SCOPE, ['1'], patient())).rejects.toThrow('SQLSTATE 42P01')
      await postgres.query('create table latecomer as select 1 as id')
      expect((await origin.load(SCOPE, ['1'], patient())).get('1')?.toString()).toBe('1')
    })

    it('is stopped by the server itself after the timeout', async () => {
      const held = await holdLoads(postgres)
      expect(await failureOf(held.load, ['1'], { timeoutMs: 100 })).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog did not answer in time, so its query was cancelled',
      })
      await held.release()
    })
  })
})
