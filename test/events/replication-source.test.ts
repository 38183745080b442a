import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { EventConsumer } from '../../src/events/event-consumer.ts'
import { ReplicationSource, type ReplicationSourceOptions } from '../../src/events/replication-source.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { keyTemplate, ruleOf, rulesOf } from './given-rules.ts'

const TABLE = 'public.products'
const RULE = ruleOf(
  { table: TABLE, columns: undefined },
  keyTemplate('product', '{id}'),
  keyTemplate('listing', '{category}'),
)

const OPTIONS = {
  ...{ name: 'catalog', slot: 'ringside_test', publication: 'ringside', tables: [TABLE], beatMs: 100 },
  columns: new Map([[TABLE, ['id', 'category']]]),
}

let postgres: Postgres
let consumers: EventConsumer[]
let sources: ReplicationSource[]
let writer: pg.Client
let invalidated: string[]
/** Keyspaces that were outdated as a whole. */
let outdated: string[]
let isCut: boolean

beforeAll(async () => {
  postgres = await startPostgres({
    settings: { wal_level: 'logical', max_replication_slots: '20', max_wal_senders: '20' },
  })
})

afterAll(() => postgres.stop())

beforeEach(async () => {
  consumers = []
  sources = []
  invalidated = []
  outdated = []
  isCut = false
  await postgres.query('create table products (id int primary key, category text, price int, body text)')
  await postgres.query('alter table products replica identity full')
  await postgres.query('alter table products alter body set storage external')
  writer = new pg.Client({
    host: postgres.socketDirectory,
    port: postgres.port,
    user: 'postgres',
    database: 'postgres',
  })
  writer.on('error', () => undefined)
  await writer.connect()
})

afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close()))
  await writer.end().catch(() => undefined)
  await until(
    'free slots',
    async () => (await postgres.query('select 1 from pg_replication_slots where active')).length === 0,
  )
  await postgres.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots')
  await postgres.query('drop publication if exists ringside')
  await postgres.query('drop table if exists products, unnamed')
})

function consume(options: Partial<ReplicationSourceOptions> = {}, rule = RULE): EventConsumer {
  const parts = { clock: systemClock, chance: systemChance, log: silentLog }
  const source = new ReplicationSource(
    {
      ...{ ...OPTIONS, url: postgres.url },
      ...options,
    },
    parts,
  )
  sources.push(source)
  const consumer = new EventConsumer({
    ...{ ...parts, source, rules: rulesOf(rule) },
    invalidate: async ({ keys, keyspaces }) => {
      if (isCut) throw new RingsideError('SHARD_UNAVAILABLE', 'no answer')
      invalidated.push(...keys.map(({ keyspace, key }) => `${keyspace} ${key}`))
      outdated.push(...keyspaces)
    },
  })
  consumers.push(consumer)
  consumer.start()
  return consumer
}

async function active(consumer: EventConsumer): Promise<EventConsumer> {
  await until('its turn', () => {
    const state = consumer.state()
    if (state.is === 'down') throw new Error(state.why)
    return state.is === 'active'
  })
  return consumer
}

const has = (key: string) => until(key, () => invalidated.includes(key))
const insert = (id: number, category = 'toys') => `insert into products values (${id}, '${category}', 1)`

/** The position up to which the slot's log is done with. */
async function confirmed(): Promise<string> {
  const [row] = await postgres.query<{ at: string }>('select confirmed_flush_lsn::text as at from pg_replication_slots')
  return row!.at
}

async function position(): Promise<string> {
  const [row] = await postgres.query<{ at: string }>('select pg_current_wal_lsn()::text as at')
  return row!.at
}

async function isConfirmed(at: string): Promise<boolean> {
  const [row] = await postgres.query<{ done: boolean }>('select $1::pg_lsn >= $2::pg_lsn as done', [
    await confirmed(),
    at,
  ])
  return row!.done
}

describe('the log of a database', () => {
  it('tells of rows that come, change and go, as they were and as they are', async () => {
    await active(consume())
    await postgres.query(insert(1))
    await has('listing toys')
    await postgres.query("update products set category = 'books'")
    await has('listing books')
    expect(invalidated).toEqual(['product 1', 'listing toys', 'product 1', 'listing books', 'listing toys'])
    invalidated.length = 0
    await postgres.query('update products set id = 2')
    await has('product 2')
    expect(invalidated).toContain('product 1')
    invalidated.length = 0
    await postgres.query('delete from products')
    await has('product 2')
  })

  it('tells of nothing that is rolled back', async () => {
    await active(consume())
    await writer.query(`begin; ${insert(1)}; rollback`)
    await writer.query(`begin; ${insert(2)}; savepoint s; ${insert(3)}; rollback to s; commit`)
    await has('product 2')
    expect(invalidated.filter((key) => key.startsWith('product'))).toEqual(['product 2'])
  })

  it('tells with the primary key alone of keys that change and rows that go', async () => {
    await postgres.query('alter table products replica identity default')
    const byId = ruleOf({ table: TABLE, columns: undefined }, keyTemplate('product', '{id}'))
    await active(consume({ columns: new Map([[TABLE, ['id']]]) }, byId))
    await postgres.query(insert(1))
    await has('product 1')
    invalidated.length = 0
    await postgres.query('update products set id = 2')
    await has('product 2')
    expect(invalidated).toEqual(['product 2', 'product 1'])
    invalidated.length = 0
    await postgres.query('delete from products')
    await has('product 2')
    expect(sources[0]?.warnings()).toEqual([])
  })

  it('does not tell what was in other columns of a row that is gone: that is set aside, and said beforehand', async () => {
    await postgres.query('alter table products replica identity default')
    const consumer = await active(consume())
    expect(sources[0]?.warnings()).toEqual([
      'event source catalog: rules name category of public.products, whose old values the log does not tell; run: alter table public.products replica identity full',
    ])
    await postgres.query(insert(1))
    await postgres.query('delete from products')
    await postgres.query(insert(2))
    await has('product 2')
    await until('the count', () => consumer.stats().results.malformed === 1)
    expect(sources[0]?.warnings()[1]).toContain(
      '1 changes were set aside, lately: public.products: field category is missing',
    )
  })

  it('does not tell of large values that stay as they are, which is not to say that they are NULL', async () => {
    const byBody = ruleOf({ table: TABLE, columns: undefined }, keyTemplate('listing', '{body}'))
    await active(consume({}, byBody))
    const body = 'x'.repeat(1_000)
    await postgres.query(`insert into products values (1, 'toys', 1, repeat('x', 1000))`)
    await has(`listing ${body}`)
    invalidated.length = 0
    await postgres.query('update products set price = 2')
    await has(`listing ${body}`)
  })

  it('gives large transactions in parts', async () => {
    const consumer = await active(consume())
    await postgres.query("insert into products select n, 'toys', 1 from generate_series(1, 25000) as n")
    await until('all of it', () => consumer.stats().results.applied === 25_000)
    expect(new Set(invalidated).size).toBe(25_001)
    const at = await position()
    await until('confirmation', () => isConfirmed(at))
  })

  it('outdates all keyspaces of a table that is emptied', async () => {
    const consumer = await active(consume())
    outdated.length = 0
    await postgres.query('truncate products')
    await until('the keyspaces', () => outdated.length > 0)
    expect(outdated).toEqual(['product', 'listing'])
    await until('the count', () => consumer.stats().results.applied === 1)
  })
})

describe('a commit', () => {
  it('outdates nothing before others can see it, since they would load the old value', async () => {
    await active(consume())
    await postgres.query("alter system set synchronous_standby_names = 'nobody'")
    await postgres.query('select pg_reload_conf()')
    await until('the setting', async () => {
      const [row] = await postgres.query<{ names: string }>(
        "select current_setting('synchronous_standby_names') as names",
      )
      return row?.names === 'nobody'
    })
    await writer.query('set synchronous_commit = on')
    const committing = writer.query(insert(1))
    const waits = "select query from pg_stat_activity where wait_event = 'SyncRep'"
    await until('the wait for a standby', async () => (await postgres.query(waits)).length === 1)
    const looks = () => postgres.countCalls('%pg_visible_in_snapshot%')
    const before = await looks()
    await until('looks', async () => (await looks()) > before + 3)
    expect(invalidated).toEqual([])
    expect(await postgres.query('select 1 from products')).toEqual([])
    await postgres.query('alter system reset synchronous_standby_names')
    await postgres.query('select pg_reload_conf()')
    await committing
    await has('product 1')
  })
})

describe('the position', () => {
  it('is confirmed only after everything is invalidated, so that nothing is lost with the consumer', async () => {
    const first = await active(consume())
    isCut = true
    await postgres.query(insert(1))
    await until('a failure', () => first.stats().results.failed > 0)
    const at = await position()
    await first.close()
    expect(await isConfirmed(at)).toBe(false)
    await postgres.query(insert(2))
    isCut = false
    await active(consume())
    await has('product 2')
    expect(invalidated).toContain('product 1')
    await until('confirmation', () => isConfirmed(at))
  })

  it('moves on while only other tables change, so that the database need not keep its log', async () => {
    await active(consume())
    await postgres.query('create table busy as select generate_series(1, 1000) as n')
    await postgres.query('drop table busy')
    const at = await position()
    await until('confirmation', () => isConfirmed(at))
  })
})

describe('the one consumer of a slot', () => {
  it('is followed by another when its connection ends', async () => {
    const [first, second] = [consume(), consume()]
    const states = () => [first, second].map((consumer) => consumer.state().is).toSorted()
    await until('one and one', () => states().join() === 'active,standby')
    await postgres.query(insert(1))
    await has('product 1')
    await postgres.query('select pg_terminate_backend(active_pid) from pg_replication_slots')
    await postgres.query(insert(2))
    await has('product 2')
  })

  it('is ended by the database when it stands still, although its connection stays open', async () => {
    let isFrozen = false
    const after: Clock['after'] = (delayMs, run) => systemClock.after(delayMs, () => (isFrozen ? undefined : run()))
    const frozen = new ReplicationSource(
      { ...OPTIONS, url: postgres.url },
      // A clock that stands: no sign of life.
      { clock: { ...systemClock, after } },
    )
    const session = await frozen.open(async () => undefined)
    expect(session).toBeDefined()
    isFrozen = true
    await postgres.query(insert(1))
    consume()
    await has('product 1')
    await session?.close()
  })

  it('goes on after the database was killed and restarted', async () => {
    const consumer = await active(consume())
    await postgres.kill()
    await until('its notice', () => consumer.state().is === 'down')
    await postgres.restart()
    await postgres.query(insert(1))
    await has('product 1')
    expect(consumer.stats().gaps).toBe(1)
  })
})

describe('a slot that is new', () => {
  it('outdates what was cached before once, whoever else would make it', async () => {
    const all = [consume(), consume(), consume()]
    const states = () => all.map((consumer) => consumer.state().is).toSorted()
    await until('one and two', () => states().join() === 'active,standby,standby')
    expect(all.reduce((sum, consumer) => sum + consumer.stats().gaps, 0)).toBe(1)
  })
})

describe('a slot that is lost', () => {
  it('is made anew, and it is said that changes may have been missed', async () => {
    const consumer = await active(consume())
    expect(consumer.stats().gaps).toBe(1)
    expect(sources[0]?.warnings()).toEqual([])
    await postgres
      .query('select pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name) from pg_replication_slots')
      .catch(() => undefined)
    await until('the drop', async () => {
      await postgres
        .query(
          'select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active and not temporary',
        )
        .catch(() => undefined)
      return consumer.stats().gaps >= 2
    })
    await until('a new session', () => consumer.state().is === 'active')
    await postgres.query(insert(1))
    await has('product 1')
    expect(sources[0]?.warnings()[0]).toContain('its slot was lost')
    const slots = await postgres.query('select slot_name, temporary from pg_replication_slots')
    expect(slots).toEqual([{ slot_name: 'ringside_test', temporary: false }])
  })
})

describe('what the database has to be set up with', () => {
  it('is asked for in SQL where the user may not do it', async () => {
    await postgres.query("create role reader login password 'only-for-tests'")
    const url = postgres.url.replace('//ringside:', '//reader:')
    const consumer = consume({ url })
    await until('the reason', () => consumer.state().is === 'down')
    expect(consumer.state()).toEqual({
      is: 'down',
      why: 'event source catalog may not set its publication up; run as the owner of the tables: create publication "ringside" for table "public"."products" with (publish_via_partition_root = true)',
    })
    await postgres.query(
      'create publication "ringside" for table "public"."products" with (publish_via_partition_root = true)',
    )
    await until('the next reason', () => JSON.stringify(consumer.state()).includes('slot'))
    expect(consumer.state()).toMatchObject({ why: expect.stringContaining('give its user the attribute REPLICATION') })
    await postgres.query('alter role reader replication')
    await active(consume({ url }))
  })

  it('never includes a table whose updates would then fail', async () => {
    await postgres.query('create table unnamed (id int)')
    await postgres.query('insert into unnamed values (1)')
    const consumer = consume({ tables: [TABLE, 'public.unnamed'] })
    await until('the reason', () => consumer.state().is === 'down')
    expect(consumer.state()).toMatchObject({
      why: expect.stringContaining('alter table "public"."unnamed" replica identity full'),
    })
    await postgres.query('update unnamed set id = 2')
    await postgres.query('alter table unnamed replica identity full')
    await until('its turn', () => consumer.state().is === 'active')
    await postgres.query('update unnamed set id = 3')
  })

  it('is a table that is there', async () => {
    const consumer = consume({ tables: ['public.nowhere'] })
    await until('the reason', () => consumer.state().is === 'down')
    expect(consumer.state()).toEqual({ is: 'down', why: 'event source catalog lacks the tables public.nowhere' })
  })
})
