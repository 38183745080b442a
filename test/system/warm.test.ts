import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeRecord } from '../../src/store/record.ts'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts } from '../support/products.ts'
import { runProgram } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const KEYS = 5_000
const LIMIT = 6
const BATCH = 50

interface Line {
  readonly done: boolean
  readonly total?: number
  readonly loaded: number
  readonly present: number
  readonly missing: number
  readonly failed: number
}

const config = (redis: readonly RedisServer[], postgres: Postgres, more = '') => `
env: test
heartbeat: 250ms
shards: { nodes: [${redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`).join(', ')}] }
origins:
  catalog: { type: postgres, url: "${postgres.url}", batch: ${BATCH}, maxConcurrent: ${LIMIT}, minConcurrent: ${LIMIT}, load: "with ids as materialized (select noted($1::bigint[]) as ids, pg_sleep(0.02)) select id as key, value from product_values where id = any((select ids from ids)::bigint[])", warm: "select id as key from products where id > coalesce($1::bigint, 0) and id <= ${KEYS} order by id limit $2" }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog${more} }
`

describe('a keyspace that is warmed', () => {
  let postgres: Postgres
  let redis: RedisServer[]
  let folder: string
  const sidecars: Sidecar[] = []
  const commands: ChildProcess[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    await createProducts(postgres)
    await postgres.query('create table at_once (statements int not null)')
    // Each statement notes how many there are when it begins: the most of them is the most that ever ran at once.
    await postgres.query(`create or replace function noted(ids bigint[]) returns bigint[] language sql volatile as $$
      insert into at_once select count(*) from pg_stat_activity where application_name = 'ringside' and state = 'active';
      insert into asked select unnest(ids); select ids $$`)
    await postgres.query('grant all on all tables in schema public to public')
    redis = await Promise.all([startRedis(), startRedis()])
  })
  afterAll(async () => {
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringside-warm-'))
    await postgres.query('truncate asked; truncate at_once')
    await Promise.all(redis.map(({ client }) => client.flushall()))
  })
  afterEach(async () => {
    for (const command of commands.splice(0)) command.kill('SIGKILL')
    await Promise.all(sidecars.splice(0).map((sidecar) => sidecar.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  const start = async (more = '', at?: string) => {
    const sidecar = await startSidecar({ config: config(redis, postgres, more), ...(at === undefined ? {} : { at }) })
    sidecars.push(sidecar)
    return sidecar
  }
  const warm = (socket: string, ...args: string[]) =>
    runProgram(['warm', 'product', '--json', '--address', `unix:${socket}`, ...args])
  /** One that can be ended. */
  const warmHere = (socket: string, ...args: string[]) => {
    const words = ['warm', 'product', '--json', '--address', `unix:${socket}`, ...args]
    const child = spawn(process.execPath, [resolve('dist/main.js'), ...words], { stdio: 'ignore' })
    commands.push(child)
    return child
  }
  const lastOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Line
  const number = async (sql: string) => Number((await postgres.query<{ n: string }>(`select (${sql}) as n`))[0]?.n)
  const asked = () => number('select count(*) from asked')
  /** The keys whose values are in the shared tier. */
  const stored = async () => {
    const found = await Promise.all(
      redis.map(async ({ client }) => {
        const names = await client.keys('test:product:v*')
        const records = names.length === 0 ? [] : await client.mgetBuffer(names)
        return records.filter((bytes) => bytes !== null && decodeRecord(bytes)?.kind === 'value').length
      }),
    )
    return found.reduce((sum, count) => sum + count, 0)
  }

  it('goes on where its sidecar was killed, within the limit of the database, and loads nothing that is there', async () => {
    const socket = join(folder, 's.sock')
    const first = await start('', socket)
    const ended = warm(socket, '--query', '--rate', '2000')
    await until('a third of the keys', async () => (await asked()) > KEYS / 3)
    await first.kill()
    sidecars.splice(sidecars.indexOf(first), 1)
    const running = "select count(*) from pg_stat_activity where application_name = 'ringside' and state = 'active'"
    await until('no statement of it', async () => (await number(running)) === 0)
    const [before, there] = [await asked(), await stored()]
    expect(there).toBeGreaterThan(KEYS / 4)
    const second = await start('', socket)
    const { code, stdout } = await ended
    expect(code).toBe(0)
    const { done, loaded, present, missing, failed } = lastOf(stdout)
    expect({ done, missing, failed, all: loaded + present }).toEqual({ done: true, missing: 0, failed: 0, all: KEYS })
    expect((await asked()) - before).toBe(KEYS - there)
    expect(await number('select max(statements) from at_once')).toBeLessThanOrEqual(LIMIT)
    expect(await stored()).toBe(KEYS)
    const client = new CacheClient(second.grpc)
    const requests = Array.from({ length: 1_000 }, (_, index) => ({ keyspace: 'product', key: String(5 * index + 1) }))
    const { results } = await client.batchGet({ requests })
    expect(new Set(results.map((result) => result.response?.source))).toEqual(new Set(['SOURCE_PRIMARY']))
    client.close()
  })

  it('is warmed by one at a time in the fleet, and by the next at once when that one is cancelled', async () => {
    const [one, other] = [await start(), await start()]
    const slow = warmHere(one.socket, '--query', '--rate', '100')
    await until('loads', async () => (await asked()) > 0)
    const refused = await warm(other.socket, '1', '2')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('under way')
    expect(await one.metric('ringside_warm_running{keyspace="product"}')).toBe(1)
    const gone = once(slow, 'exit')
    slow.kill('SIGKILL')
    await gone
    await until('its end', async () => (await one.metric('ringside_warm_running{keyspace="product"}')) === 0)
    const { code, stdout } = await warm(other.socket, '4999', '5000', 'nothing', '90000000')
    expect([code, lastOf(stdout)]).toMatchObject([1, { total: 4, loaded: 2, missing: 1, failed: 1 }])
    expect(lastOf(stdout)).toMatchObject({ failures: [{ key: 'nothing', reason: 'KEY_INVALID' }] })
  })

  it('takes a file of any size, and finds present what is there', async () => {
    const { socket } = await start()
    const file = join(folder, 'keys.txt')
    const keys = Array.from({ length: 25_000 }, (_, index) => String((index % 2_000) + 1))
    writeFileSync(file, `${keys.join('\n')}\n`)
    const { code, stdout } = await warm(socket, '--file', file)
    expect(code).toBe(0)
    expect(lastOf(stdout)).toMatchObject({ done: true, total: 25_000, failed: 0, missing: 0 })
    expect(await asked()).toBe(2_000)
  })

  it('is warmed when a sidecar starts, by one of them, behind its readiness, and not again soon', async () => {
    const more = ', warm: { from: query, rate: 4000/s }'
    await Promise.all([start(more), start(more)])
    await until('all keys', async () => (await stored()) === KEYS, 60_000)
    expect(await asked()).toBe(KEYS)
    await until('the mark', async () => {
      const marks = await Promise.all(redis.map(({ client }) => client.keys('test:~warmed:*')))
      return marks.flat().length === 1
    })
    const late = await start(more)
    await until('its decision', () => late.log().includes('preload not needed'))
    expect(await asked()).toBe(KEYS)
  })

  it('loads nothing for it while a reader waits', async () => {
    const { socket, grpc } = await start()
    const client = new CacheClient(grpc)
    const ended = warm(socket, '--query')
    await until('loads', async () => (await asked()) > 0)
    const read = (key: number) => client.get({ keyspace: 'product', key: String(key) })
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, index) => read(50_000 + index)))
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['OUTCOME_FOUND']))
    expect((await ended).code).toBe(0)
    expect(await number('select max(statements) from at_once')).toBeLessThanOrEqual(LIMIT)
    client.close()
  })
})
