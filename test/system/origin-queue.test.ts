import { Metadata, status } from '@grpc/grpc-js'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient, type Failed, failure } from '../rpc/client.ts'
import { ENGINE_NAMES } from '../support/engines.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts } from '../support/products.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** The database answers nothing while the test has its hand on this lock, and notes what it was asked for. */
const HELD = 7
const BATCH = 5
const MAX_WAITING = 100

/** One place at the database, so that what it is asked for has an order. */
const config = ({ url }: Postgres) => `
env: test
shards: { topology: embedded }
lease: { ttl: 60s, wait: 30s }
limits: { loopLag: 0 }
origins:
  catalog: { type: postgres, url: "${url}", timeout: 30s, batch: ${BATCH}, maxConcurrent: 1, maxWaiting: ${MAX_WAITING}, load: "with held as materialized (select pg_advisory_xact_lock_shared(${HELD})), ids as materialized (select noted($1::bigint[]) as ids from held) select id as key, value from product_values where id = any((select ids from ids)::bigint[])" }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog }
  price: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog }
`

describe.each(ENGINE_NAMES)('an origin whose places are all taken (engine %s)', (engine) => {
  let postgres: Postgres
  let sidecar: Sidecar
  let client: CacheClient
  let lock: pg.Client

  beforeAll(async () => {
    postgres = await startPostgres()
    await createProducts(postgres)
    sidecar = await startSidecar({ config: config(postgres), engine })
    client = new CacheClient(sidecar.grpc)
    lock = new pg.Client({ connectionString: postgres.url })
    await lock.connect()
  })
  afterAll(async () => {
    await lock.end()
    client.close()
    await sidecar.stop()
    await postgres.stop()
  })

  const get = (keyspace: string, key: number, caller: string, deadlineMs?: number) =>
    new Promise<string>((resolve, reject) => {
      const metadata = new Metadata()
      metadata.set('ringside-caller', caller)
      const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
      client.client.get({ keyspace, key: String(key) }, metadata, options, (error, response) =>
        error === null ? resolve(response?.value.toString() ?? '') : reject(error),
      )
    })

  const waiting = () => sidecar.metric('ringside_origin_waiting{origin="catalog"}')

  it('is asked for what others want too, however much one caller wants, and refuses that one beyond the queue', async () => {
    await lock.query(`select pg_advisory_lock(${HELD})`)
    const first = get('product', 1, 'flood')
    await until('the only place is taken', async () => {
      return (await sidecar.metric('ringside_origin_in_flight{origin="catalog"}')) === 1
    })
    const flood = Array.from({ length: 200 }, (_, index) => {
      const loading = get('product', 1_000 + index, 'flood')
      return { loading, failed: failure(loading).catch(() => undefined) }
    })
    await until('the queue is full', async () => {
      const refused = await sidecar.metric('ringside_origin_rejected_total{origin="catalog",reason="limit"}')
      return (await waiting()) === MAX_WAITING && refused === 100
    })
    const quiet = get('product', 2, 'quiet')
    const price = get('price', 3, 'flood')
    await until('two that waited have made room', async () => {
      return (await sidecar.metric('ringside_origin_rejected_total{origin="catalog",reason="displaced"}')) === 2
    })
    const hasty = await failure(get('product', 4, 'quiet', 4_000))
    expect(hasty).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    await lock.query(`select pg_advisory_unlock(${HELD})`)

    expect(await Promise.all([first, quiet, price])).toEqual(
      [1, 2, 3].map((id) => expect.stringContaining(`"id": ${id},`)),
    )
    const failures = (await Promise.all(flood.map(({ failed }) => failed))).filter((one) => one !== undefined)
    expect(failures.length).toBeGreaterThanOrEqual(102)
    for (const { code, details } of failures as Failed[]) {
      expect(code).toBe(status.RESOURCE_EXHAUSTED)
      expect(details).toMatchObject({ ErrorInfo: { reason: 'ORIGIN_LIMIT' }, RetryInfo: expect.anything() })
    }
    const asked = (await postgres.query<{ id: string }>('select id from asked order by ctid')).map(({ id }) =>
      Number(id),
    )
    expect(asked[0]).toBe(1)
    // One query of the flood, at most, goes before each of them.
    expect(asked.indexOf(2)).toBeLessThanOrEqual(2 * BATCH)
    expect(asked.indexOf(3)).toBeLessThanOrEqual(2 * BATCH)
    expect(asked.length).toBeLessThanOrEqual(1 + MAX_WAITING + 2)
  })
})
