import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { UnanswerableKeys } from '../../src/origin/origin-error.ts'
import { PostgresOrigin, type PostgresOriginOptions } from '../../src/origin/postgres-origin.ts'
import { holdLoads } from '../support/held-loads.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { patient } from './origin-contract.ts'

const SCOPE = { keyspace: 'product', tenant: 'acme' }

let postgres: Postgres
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

function originOver(load: string, options: Partial<PostgresOriginOptions> = {}, log: Log = silentLog): PostgresOrigin {
  const all = { name: 'catalog', url: postgres.url, load, timeoutMs: 10_000, maxConcurrent: 4, ...options }
  const origin = new PostgresOrigin(all, { clock: systemClock, log })
  origins.push(origin)
  return origin
}

function failureOf(load: string, keys: readonly string[] = ['1'], options: Partial<PostgresOriginOptions> = {}) {
  return originOver(load, options)
    .load(SCOPE, keys, patient())
    .catch((error: unknown) => error)
}

describe('connections of a PostgresOrigin', () => {
  const load = 'select k as key, k as value from unnest($1::text[]) as k'
  let warnings: { fields: object; message: string }[]
  let log: Log

  beforeEach(() => {
    warnings = []
    log = { ...silentLog, warn: (fields, message) => void warnings.push({ fields, message }) }
  })

  async function warned(): Promise<{ fields: object; message: string }> {
    while (warnings[0] === undefined) await new Promise((resolve) => setImmediate(resolve))
    return warnings[0]
  }

  it('are named and no more than may run at once', async () => {
    const held = await holdLoads(postgres)
    const origin = originOver(held.load)
    const loads = Promise.all(Array.from({ length: 20 }, () => origin.load(SCOPE, ['1'], patient())))
    await until('as many loads as may run', async () => (await held.waiting()) === 4)
    await held.release()
    expect(await loads).toHaveLength(20)
    const sql = `select count(*)::int as count from pg_stat_activity where application_name = 'ringside'`
    expect(await postgres.query(sql)).toEqual([{ count: 4 }])
  })

  it('may use the Unix socket', async () => {
    const directory = encodeURIComponent(postgres.socketDirectory)
    const url = `postgres://postgres@${directory}:${postgres.port}/postgres`
    expect((await originOver(load, { url }).load(SCOPE, ['1'], patient())).get('1')?.toString()).toBe('1')
  })

  it('with a wrong password fail without telling it, at start and at each load', async () => {
    const url = postgres.url.replace(/:[^:@]*@/, ':wr0ng-secret@')
    const origin = originOver(load, { url }, log)
    await origin.start()
    const { fields, message } = await warned()
    expect(message).toBe('origin catalog refuses the login (SQLSTATE 28P01); check user and password in its url')
    expect(JSON.stringify(fields)).not.toContain('wr0ng-secret')
    const error = await origin.load(SCOPE, ['1'], patient()).catch((error: unknown) => error)
    expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', message })
    expect(error).toHaveProperty('cause.code', '28P01')
    expect(String((error as Error).cause)).not.toContain('wr0ng-secret')
  })

  it('to nowhere let the origin start, and fail each load', async () => {
    const origin = originOver(load, { url: 'postgres://ringside:secret@127.0.0.1:1/postgres' }, log)
    await origin.start()
    expect((await warned()).message).toBe('origin catalog cannot be reached (ECONNREFUSED)')
    await expect(origin.load(SCOPE, ['1'], patient())).rejects.toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      message: 'origin catalog cannot be reached (ECONNREFUSED)',
    })
  })

  it('that cannot be made from their url fail without telling it', async () => {
    const error = await failureOf(load, ['1'], { url: 'postgres://user:s3cret@host:port/db' })
    expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    const { message, cause } = error as Error
    expect(`${message} ${cause} ${JSON.stringify(cause)}`).not.toContain('s3cret')
  })

  it('lost while idle are replaced, and the loss is logged', async () => {
    const origin = originOver(load, {}, log)
    await origin.load(SCOPE, ['1'], patient())
    await postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ringside'`)
    expect(await warned()).toEqual({
      fields: { origin: 'catalog', code: '57P01' },
      message: 'an idle connection to the origin was lost',
    })
    expect((await origin.load(SCOPE, ['1'], patient())).get('1')?.toString()).toBe('1')
  })

  it('are kept after a key that PostgreSQL cannot read', async () => {
    const origin = originOver('select pg_backend_pid() as value, k as key from unnest($1::int[]) as k', {
      maxConcurrent: 1,
    })
    const before = (await origin.load(SCOPE, ['1'], patient())).get('1')?.toString()
    await expect(origin.load(SCOPE, ['abc'], patient())).rejects.toBeInstanceOf(UnanswerableKeys)
    expect((await origin.load(SCOPE, ['1'], patient())).get('1')?.toString()).toBe(before)
  })
})
