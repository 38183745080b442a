import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { EventConsumer } from '../../src/events/event-consumer.ts'
import { OutboxSource, type OutboxSourceOptions } from '../../src/events/outbox-source.ts'
import { outboxSql, USUAL_OUTBOX } from '../../src/events/outbox-sql.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { documentedSql } from './documented-sql.ts'
import { keyTemplate, ruleOf, rulesOf } from './given-rules.ts'

const [SETUP = '', TRIGGER = '', RIGHTS = ''] = documentedSql('an outbox')
const RULE = ruleOf({ on: 'ProductUpdated' }, keyTemplate('product', '{id}'), keyTemplate('listing', '{category}'))

let postgres: Postgres
let consumers: EventConsumer[]
let writer: pg.Client
/** What was invalidated since it was last emptied. */
let invalidated: string[]
/** Set: invalidations fail. */
let isCut: boolean

beforeAll(async () => {
  postgres = await startPostgres()
  await postgres.query(SETUP)
  await postgres.query('create table products (id int primary key, category text, shop text, price int, notes json)')
  await postgres.query(TRIGGER)
  await postgres.query(RIGHTS)
  await postgres.query("alter role ringside_events password 'only-for-tests'")
})

afterAll(() => postgres.stop())

beforeEach(async () => {
  consumers = []
  invalidated = []
  isCut = false
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
  await postgres.query('truncate products, ringside_outbox, ringside_outbox_dead')
})

const url = () => postgres.url.replace('//ringside:', '//ringside_events:')

function consume(options: Partial<OutboxSourceOptions> = {}): EventConsumer {
  const parts = { clock: systemClock, chance: systemChance, log: silentLog }
  const consumer = new EventConsumer({
    ...parts,
    source: new OutboxSource({ name: 'shop', url: url(), ...USUAL_OUTBOX, ...options }, parts),
    rules: rulesOf(RULE),
    invalidate: async ({ keys }) => {
      if (isCut) throw new RingsideError('SHARD_UNAVAILABLE', 'no answer')
      invalidated.push(...keys.map(({ keyspace, key }) => `${keyspace} ${key}`))
    },
  })
  consumers.push(consumer)
  consumer.start()
  return consumer
}

async function active(consumer: EventConsumer): Promise<void> {
  await until('its turn', () => consumer.state().is === 'active')
}

async function rows(table = 'ringside_outbox'): Promise<number> {
  const [row] = await postgres.query<{ n: number }>(`select count(*)::int as n from ${table}`)
  return row!.n
}

const applied = () => until('an empty outbox', async () => (await rows()) === 0)
const insert = (id: number, category = 'toys') => `insert into products values (${id}, '${category}', 'acme', 1)`

describe('the SQL of an outbox', () => {
  it('is what the command line prints', () => {
    expect(SETUP).toBe(outboxSql(USUAL_OUTBOX))
  })

  it('tells of rows that come, change and go, as they were and as they are', async () => {
    consume()
    await postgres.query(insert(1))
    await applied()
    expect(invalidated).toEqual(['product 1', 'listing toys'])
    invalidated.length = 0
    await postgres.query("update products set category = 'books'")
    await applied()
    expect(invalidated.toSorted()).toEqual(['listing books', 'listing toys', 'product 1'])
    invalidated.length = 0
    await postgres.query('delete from products')
    await applied()
    expect(invalidated).toEqual(['product 1', 'listing books'])
  })

  it('tells of a change in columns that no rule needs, too, and of no row that stayed as it was', async () => {
    await postgres.query(insert(1))
    await postgres.query('truncate ringside_outbox')
    await postgres.query("update products set price = 1, category = 'toys', notes = null")
    expect(await rows()).toBe(0)
    await postgres.query('update products set price = 2')
    expect(await rows()).toBe(1)
    await postgres.query(`update products set notes = '{"a": 1}'`)
    expect(await rows()).toBe(2)
  })

  it('tells of nothing that is rolled back, and of what is committed not before that', async () => {
    await active(consume())
    await writer.query(`begin; ${insert(1)}`)
    await postgres.query(insert(2))
    await applied()
    expect(invalidated).toEqual(['product 2', 'listing toys'])
    await writer.query('rollback')
    await writer.query(`begin; ${insert(3, 'books')}; savepoint s; ${insert(4)}; rollback to s; commit`)
    await until('the commit', () => invalidated.includes('product 3'))
    await applied()
    expect(invalidated.filter((key) => key.startsWith('product'))).toEqual(['product 2', 'product 3'])
  })

  it('lets those tell who may only write the table that is told of', async () => {
    await postgres.query('create role clerk login; grant insert on products to clerk')
    await writer.query('set role clerk')
    await writer.query(insert(1))
    expect(await rows()).toBe(1)
  })
})

describe('the source over an outbox', () => {
  it('loses no row that commits after others with larger ids', async () => {
    await active(consume())
    await writer.query(`begin; ${insert(1)}`)
    for (let id = 2; id <= 20; id += 1) await postgres.query(insert(id))
    await until('the later ones', () => invalidated.includes('product 20'))
    await applied()
    expect(invalidated).not.toContain('product 1')
    await writer.query('commit')
    await until('the earlier one', () => invalidated.includes('product 1'))
  })

  it('is woken by commits, and does not only look now and then', async () => {
    await active(consume({ pollMs: 100_000 }))
    await postgres.query(insert(1))
    await until('the event', () => invalidated.includes('product 1'))
  })

  it('looks for itself when nothing wakes it', async () => {
    await active(consume({ channel: 'nobody_tells', pollMs: 50 }))
    await postgres.query(insert(1))
    await until('the event', () => invalidated.includes('product 1'))
  })

  it('takes many more events than fit together', async () => {
    consume()
    await postgres.query("insert into products select n, 'toys', 'acme', 1 from generate_series(1, 2500) as n")
    await applied()
    expect(new Set(invalidated).size).toBe(2_501)
  })

  it('keeps rows until what they outdate is invalidated', async () => {
    isCut = true
    const consumer = consume()
    await postgres.query(insert(1))
    await until('failures', () => consumer.stats().results.failed >= 2)
    expect(await rows()).toBe(1)
    isCut = false
    await applied()
    expect(invalidated).toEqual(['product 1', 'listing toys'])
  })

  it('sets malformed rows aside with their reason and lets nothing wait for them', async () => {
    const consumer = consume()
    await postgres.query(
      `insert into ringside_outbox (type, payload) values ('ProductUpdated', '{"id": "x", "category": "toys"}'),
        ('ProductUpdated', '[]'), ('ProductUpdated', '{"id": 3, "category": "toys"}'), ('Other', '{}')`,
    )
    await applied()
    expect(invalidated).toEqual(['listing toys', 'product 3'])
    const dead = await postgres.query('select type, payload, reason from ringside_outbox_dead order by id')
    expect(dead).toEqual([
      { type: 'ProductUpdated', payload: { id: 'x', category: 'toys' }, reason: expect.stringContaining('"x"') },
      { type: 'ProductUpdated', payload: [], reason: 'its payload is no JSON object' },
    ])
    await until('the count', () => consumer.stats().results.malformed === 2)
    expect(consumer.stats().results).toMatchObject({ applied: 1, ignored: 1 })
  })
})

describe('the one consumer of an outbox', () => {
  it('is followed by another when its connection ends', async () => {
    const [first, second] = [consume(), consume()]
    const states = () => [first.state().is, second.state().is].toSorted()
    await until('one and one', () => states().join() === 'active,standby')
    await postgres.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ringside-events'",
    )
    await postgres.query(insert(1))
    await until('the event', () => invalidated.includes('product 1'))
  })

  it('is ended by the database when it stands still, although its connection stays open', async () => {
    const frozen = await new OutboxSource(
      { name: 'shop', url: url(), ...USUAL_OUTBOX, pollMs: 40 },
      // A clock that stands: no sign of life.
      { clock: { ...systemClock, after: () => ({ cancel() {} }) } },
    ).open()
    expect(frozen).toBeDefined()
    await postgres.query(insert(1))
    consume({ pollMs: 50 })
    await until('the takeover', () => invalidated.includes('product 1'))
    await frozen?.close()
  })

  it('goes on after the database was restarted', async () => {
    const consumer = consume()
    await active(consumer)
    await postgres.kill()
    await until('its notice', () => consumer.state().is === 'down')
    await postgres.restart()
    await postgres.query(insert(1))
    await until('the event', () => invalidated.includes('product 1'))
    expect(consumer.state()).toEqual({ is: 'active' })
  })

  it('says what is wrong with its database', async () => {
    const missing = consume({ table: 'public.nowhere' })
    await until('the reason', () => missing.state().is === 'down')
    expect(missing.state()).toEqual({
      is: 'down',
      why: 'event source shop lacks public.nowhere, public.nowhere_dead; `node dist/main.js outbox-sql` prints what creates it',
    })
    const stranger = consume({ url: url().replace('only-for-tests', 'hunter2') })
    await until('the reason', () => stranger.state().is === 'down')
    expect(JSON.stringify(stranger.state())).toContain('refuses the login')
    expect(JSON.stringify(stranger.state())).not.toContain('hunter2')
  })
})
