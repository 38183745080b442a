import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { Guard } from '../../src/guard/guard.ts'
import { OpossumBreaker } from '../../src/guard/opossum-breaker.ts'
import { GuardedOrigin } from '../../src/origin/guarded-origin.ts'
import { originVerdict } from '../../src/origin/origin-error.ts'
import { PostgresOrigin } from '../../src/origin/postgres-origin.ts'
import { holdLoads } from '../support/held-loads.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { patient } from './origin-contract.ts'

const MAX_CONCURRENT = 3

/** Every value tells how many loads PostgreSQL itself saw at work while it was made, the own one included; some work, so that they meet. */
const CROWD = `select k as key, (
    select count(*) from pg_stat_activity where application_name = 'ringside' and state = 'active'
  ) as value from unnest($1::text[]) as k, (select count(*) from generate_series(1, 30000)) as work`

let postgres: Postgres
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(async () => {
  await postgres.stop()
})

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

/** One key a query unless told otherwise, so that each load is one. */
function build(load: string, timeoutMs: number, batch = 1) {
  const parts = { clock: systemClock, chance: systemChance, log: silentLog }
  const breaker = new OpossumBreaker(
    {
      name: 'catalog',
      consecutiveFailures: 3,
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 10_000,
      openForMs: 100,
      jitter: 0.1,
      slow: undefined,
    },
    { ...parts, classify: originVerdict },
  )
  const guard = new Guard(
    { name: 'catalog', timeoutMs, maxConcurrent: MAX_CONCURRENT, maxWaiting: 100 },
    { clock: systemClock, breaker },
  )
  const options = { name: 'catalog', url: postgres.url, load, timeoutMs, maxConcurrent: MAX_CONCURRENT }
  const adapter = new PostgresOrigin(options, parts)
  const origin = new GuardedOrigin({ ...options, batch, maxWaiting: 1_000 }, { clock: systemClock, adapter, guard })
  closing.push(() => origin.close())
  let keys = 0
  /** Loads some key; an error is an outcome like any other. */
  const load1 = async () => {
    keys += 1
    try {
      const loaded = await origin.load({ keyspace: 'product', tenant: '', key: String(keys), cause: 'miss' })
      return loaded.found ? loaded.value.toString() : undefined
    } catch (error) {
      return error
    }
  }
  const loadMany = (count: number) => Promise.all(Array.from({ length: count }, load1))
  return { guard, origin, adapter, load1, loadMany }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

/** A crowd within the limit, or an error of ours. Anything else is wrong. */
function isFair(outcome: unknown): boolean {
  if (typeof outcome === 'string') return Number(outcome) >= 1 && Number(outcome) <= MAX_CONCURRENT
  return outcome instanceof RingsideError && ['ORIGIN_UNAVAILABLE', 'ORIGIN_LIMIT'].includes(outcome.reason)
}

async function activeLoads(): Promise<number> {
  const sql = `select count(*)::int as count from pg_stat_activity where application_name = 'ringside' and state = 'active'`
  const [row] = await postgres.query<{ count: number }>(sql)
  return row?.count ?? -1
}

describe('a PostgreSQL origin in trouble', () => {
  it('that is well never sees more loads at once than its limit', async () => {
    const { loadMany } = build(CROWD, 30_000)
    const crowds = (await loadMany(60)).map(Number)
    expect(Math.max(...crowds)).toBe(MAX_CONCURRENT)
  })

  it('that is frozen answers callers at their deadline, opens the breaker, and is back after it thaws', async () => {
    const { guard, origin, loadMany, load1 } = build(CROWD, 300)
    expect((await loadMany(10)).every(isFair)).toBe(true)
    postgres.freeze()
    try {
      const outcomes = await loadMany(10)
      expect(outcomes.every((outcome) => outcome instanceof RingsideError && isFair(outcome))).toBe(true)
      expect(guard.state()).not.toBe('closed')
      // Their callers have been answered, yet the places of the queries are not free.
      expect(origin.stats().inFlight).toBeGreaterThan(0)
      expect(origin.stats().inFlight).toBeLessThanOrEqual(MAX_CONCURRENT)
      await until(async () => {
        await load1()
        return origin.stats().rejected.breaker > 0
      })
    } finally {
      postgres.thaw()
    }
    const outcomes: unknown[] = []
    await until(async () => {
      outcomes.push(...(await loadMany(10)))
      return outcomes.slice(-10).every((outcome) => typeof outcome === 'string')
    })
    expect(outcomes.every(isFair)).toBe(true)
    expect(guard.state()).toBe('closed')
    await until(() => origin.stats().inFlight === 0)
  })

  it('that stays frozen for long gives its places back in the end, and never sees more than its limit', async () => {
    const { origin, loadMany } = build(CROWD, 200)
    expect((await loadMany(10)).every(isFair)).toBe(true)
    postgres.freeze()
    try {
      await loadMany(10)
      await until(() => origin.stats().inFlight === 0)
    } finally {
      postgres.thaw()
    }
    const outcomes: unknown[] = []
    await until(async () => {
      outcomes.push(...(await loadMany(10)))
      return outcomes.slice(-10).every((outcome) => typeof outcome === 'string')
    })
    expect(outcomes.every(isFair)).toBe(true)
  })

  it.each(['restart', 'kill'] as const)('that is struck by a %s under load comes back by itself', async (blow) => {
    const { guard, loadMany } = build(CROWD, 2_000)
    const outcomes: unknown[] = []
    let over = false
    const load = async () => {
      while (!over) outcomes.push(...(await loadMany(8)))
    }
    const loading = load()
    await until(() => outcomes.length >= 8)
    if (blow === 'kill') await postgres.kill()
    await postgres.restart()
    const back = outcomes.length
    await until(() => guard.state() === 'closed' && outcomes.slice(back).some((outcome) => typeof outcome === 'string'))
    over = true
    await loading
    expect(outcomes.every(isFair)).toBe(true)
    expect((await loadMany(8)).every((outcome) => typeof outcome === 'string')).toBe(true)
  })

  it('that is slow has a query cancelled on the server when the load is aborted', async () => {
    const held = await holdLoads(postgres)
    closing.push(() => held.release())
    const { adapter } = build(held.load, 600_000)
    const controller = new AbortController()
    const loading = adapter
      .load({ keyspace: 'product', tenant: '' }, ['1'], patient(controller.signal))
      .catch((error: unknown) => error)
    await until(async () => (await activeLoads()) === 1)
    controller.abort()
    expect(await loading).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    await until(async () => (await activeLoads()) === 0)
  })

  it('that is slow has its place taken until the query is gone from the server', async () => {
    const held = await holdLoads(postgres)
    closing.push(() => held.release())
    const { origin, loadMany } = build(held.load, 400)
    const outcomes = await loadMany(5)
    expect(outcomes).toHaveLength(5)
    expect(outcomes.every((outcome) => outcome instanceof RingsideError)).toBe(true)
    await until(() => origin.stats().inFlight === 0)
    expect(await activeLoads()).toBe(0)
  })

  it('finishes the loads under way before it closes', async () => {
    const held = await holdLoads(postgres)
    const { adapter } = build(held.load, 10_000)
    const loading = adapter.load({ keyspace: 'product', tenant: '' }, ['1'], patient())
    await until(async () => (await held.waiting()) === 1)
    let isClosed = false
    const closing = adapter.close().then(() => {
      isClosed = true
    })
    expect(await activeLoads()).toBe(1)
    expect(isClosed).toBe(false)
    await held.release()
    expect((await loading).has('1')).toBe(true)
    await closing
  })

  it('that cannot read some of the keys answers for all the rest, and is not blamed', async () => {
    const { origin, guard } = build('select k as key, k as value from unnest($1::bigint[]) as k', 10_000, 100)
    const keys = Array.from({ length: 100 }, (_, index) => (index % 40 === 7 ? `bad${index}` : String(index)))
    const outcomes = await Promise.allSettled(
      keys.map((key) => origin.load({ keyspace: 'product', tenant: '', key, cause: 'miss' })),
    )
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') expect(outcome.value).toMatchObject({ value: Buffer.from(keys[index] ?? '') })
      else expect(outcome.reason).toMatchObject({ reason: 'KEY_INVALID' })
    }
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3)
    expect(guard.state()).toBe('closed')
  })
})
