import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { PostgresOrigin } from '../../src/origin/postgres-origin.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { patient } from './origin-contract.ts'

const SCOPE = { keyspace: 'product', tenant: 'acme' }

let postgres: Postgres
const origins: PostgresOrigin[] = []

beforeAll(async () => {
  postgres = await startPostgres()
  await postgres.query('create table goods (id bigint primary key, shop text, name text)')
  await postgres.query(
    "insert into goods select id, case when id % 2 = 0 then 'acme' else 'other' end, 'n' from generate_series(1, 30) as id",
  )
  await postgres.query('grant select on goods to ringside')
})

afterAll(async () => {
  await postgres.stop()
})

afterEach(async () => {
  await Promise.all(origins.splice(0).map((origin) => origin.close()))
})

async function listing(warm: string) {
  const load = 'select $1::text[] as key, null as value'
  const all = { name: 'catalog', url: postgres.url, load, warm, timeoutMs: 10_000, maxConcurrent: 2 }
  const origin = new PostgresOrigin(all, { clock: systemClock, log: silentLog })
  origins.push(origin)
  await origin.start()
  return (after: string | undefined, most: number) => origin.list!(SCOPE, { after, most }, patient())
}

describe('the keys of a table', () => {
  it('come a page after the other, as text, of one tenant where the statement names it', async () => {
    const list = await listing(
      'select id as key from goods where ($1::bigint is null or id > $1) and shop = $3 order by id limit $2',
    )
    expect(await list(undefined, 5)).toEqual(['2', '4', '6', '8', '10'])
    expect(await list('10', 100)).toEqual(['12', '14', '16', '18', '20', '22', '24', '26', '28', '30'])
    expect(await list('30', 100)).toEqual([])
  })

  it('need a column of that name', async () => {
    const list = await listing('select id from goods where $1::bigint is null or id > $1 limit $2')
    await expect(list(undefined, 5)).rejects.toThrow('yields no column "key"; its warm statement must name one so')
  })

  it('cannot be had by a statement that is wrong, and the error says why', async () => {
    const list = await listing('select nothing as key from goods where id > $1 limit $2')
    await expect(list(undefined, 5)).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
  })
})
