import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RingsideCallError, RingsideClient } from '../../src/client/ringside-client.ts'
import { DatabaseWatch } from '../drills/world/database-watch.ts'
import { createDrillDatabase, LOAD_SQL } from '../drills/world/drill-database.ts'
import { USUAL_WORLD } from '../drills/world/world-shape.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** Loads at once: of one sidecar, and of both. */
const LIMIT = 2
const LIMIT_OF_ALL = 2 * LIMIT
const KEYS = Array.from({ length: 400 }, (_, key) => String(key + 1))
const LOAD_MS = 10
const READERS = 4

const configOf = (env: string, redis: readonly RedisServer[], postgres: Postgres, flush: boolean) => `
env: ${env}
heartbeat: 200ms
shards: { timeout: 2s, nodes: [${redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`).join(', ')}] }
locks: { enabled: true }
admin: { flush: ${flush} }
lease: { ttl: 5s, wait: 4s }
origins:
  catalog: { type: postgres, url: "${postgres.url}", timeout: 2s, batch: 20, maxConcurrent: ${LIMIT}, minConcurrent: ${LIMIT}, load: "${LOAD_SQL}" }
  nowhere: { type: grpc, target: "127.0.0.1:1", timeout: 1s }
keyspaces:
  product: { consistency: tolerant, maxStaleness: 5m, ttl: 10m, origin: catalog }
  session: { consistency: tolerant, maxStaleness: 5m, ttl: 10m }
  views: { kind: counter, consistency: strong, ttl: 1d }
  notes: { consistency: tolerant, ttl: 10m, origin: nowhere, writes: { strategy: write-behind, acceptLoss: true } }
`

describe('a flush of an environment with two shards and two sidecars', () => {
  let redis: RedisServer[]
  let postgres: Postgres
  let sidecars: Sidecar[]
  let clients: RingsideClient[]
  let stranger: Sidecar
  let watch: DatabaseWatch

  beforeAll(async () => {
    postgres = await startPostgres()
    await createDrillDatabase(postgres, { ...USUAL_WORLD, originLimit: LIMIT_OF_ALL, loadMs: LOAD_MS })
    redis = await Promise.all([startRedis(), startRedis()])
    const config = configOf('prod', redis, postgres, true)
    sidecars = await Promise.all([startSidecar({ config }), startSidecar({ config })])
    stranger = await startSidecar({ config: configOf('prod2', redis, postgres, false) })
    clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc, timeoutMs: 20_000 }))
    watch = new DatabaseWatch(postgres)
  }, 120_000)
  afterAll(async () => {
    await watch.stop()
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all([...sidecars, stranger].map((sidecar) => sidecar.stop()))
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  })

  const one = () => clients[0] as RingsideClient
  const other = () => clients[1] as RingsideClient
  const flush = (name: string, { socket }: Sidecar) => runProgram(['flush', name, '--address', `unix:${socket}`])
  const namesOf = async (pattern: string) => (await Promise.all(redis.map(({ client }) => client.keys(pattern)))).flat()
  const textOf = async (client: RingsideClient, keyspace: string, key: string) =>
    String((await client.get(keyspace, key)).value)

  async function revisionsOf(client: RingsideClient): Promise<readonly number[]> {
    const revisions = new Set<number>()
    for (const key of KEYS) revisions.add(JSON.parse(await textOf(client, 'product', key)).revision)
    return [...revisions]
  }

  /** Reads all keys of both sidecars, again and again. */
  function reading() {
    let stopped = false
    const failures: RingsideCallError[] = []
    const readers = clients.flatMap((client) =>
      Array.from({ length: READERS }, async (_, first) => {
        for (let at = first * 100; !stopped; at += 1) {
          await client
            .get('product', KEYS[at % KEYS.length] as string)
            .catch((error: RingsideCallError) => failures.push(error))
        }
      }),
    )
    const stop = async () => {
      stopped = true
      await Promise.all(readers)
      return failures
    }
    return { stop }
  }

  it('is refused unless the name is typed out, and where it is not allowed', async () => {
    await one().set('session', 'kept', Buffer.from('v'))
    for (const name of ['prod2', 'Prod', 'pro']) {
      const { code, stderr } = await flush(name, sidecars[0] as Sidecar)
      expect([code, stderr]).toEqual([1, expect.stringContaining('FAILED_PRECONDITION')])
    }
    const { code, stderr } = await flush('prod2', stranger)
    expect([code, stderr]).toEqual([1, expect.stringContaining('admin: { flush: true }')])
    expect(await textOf(one(), 'session', 'kept')).toBe('v')
  })

  it('has all that was cached gone, everywhere, under full load, and nothing else', { timeout: 120_000 }, async () => {
    const abroad = new RingsideClient({ target: stranger.grpc })
    for (const key of KEYS) await abroad.set('session', key, Buffer.from('v'))
    await one().increment('views', 'a', 5n)
    await one().write('notes', 'waits', Buffer.from('for its database'))
    const lock = await one().locks.acquire('job', { ttlMs: 60_000 })
    await one().invalidate('session', 'held', { holdMs: 60_000 })
    await Promise.all(clients.map((client) => client.set('session', 'mine', Buffer.from('old'))))
    for (const client of clients) {
      expect(await revisionsOf(client)).toEqual([1])
      await until('a near hit', async () => (await client.get('session', 'mine')).source === 'near')
    }
    const others = (await namesOf('prod2:session:*')).sort()
    expect(others).toHaveLength(KEYS.length)
    const load = reading()
    // Nobody tells of this change: without the flush it would be seen in ten minutes.
    await postgres.query('update products set revision = 2')
    const { code, stdout } = await flush('prod', sidecars[0] as Sidecar)
    const failures = await load.stop()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/environment prod: \d+ keys removed/)])
    expect(Number(/(\d+) keys/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(KEYS.length)
    // Readers are refused while the database is at its limit, and never by anything else.
    expect(failures.map(({ reason }) => reason).filter((reason) => reason !== 'ORIGIN_LIMIT')).toEqual([])

    for (const client of clients) {
      expect(await revisionsOf(client)).toEqual([2])
      expect((await client.get('session', 'mine')).outcome).toBe('miss')
    }
    expect((await namesOf('prod2:session:*')).sort()).toEqual(others)
    await abroad.close()

    expect(await textOf(other(), 'views', 'a')).toBe('5')
    expect(await textOf(other(), 'notes', 'waits')).toBe('for its database')
    const backlog = await Promise.all(redis.map(({ client }) => client.xlen('prod:~behind')))
    expect(backlog.reduce((a, b) => a + b)).toBe(1)
    expect((await other().locks.acquire('job', { ttlMs: 1_000 })) ?? 'somebody has it').toBe('somebody has it')
    expect(lock && (await one().locks.renew(lock, 1_000))).toBeDefined()
    expect((await other().set('session', 'held', Buffer.from('v'))).stored).toBe(false)

    const { refusals } = watch.gauges.at(-1) ?? { refusals: -1 }
    expect([refusals, Math.max(...watch.gauges.map(({ atOnce }) => atOnce)) <= LIMIT_OF_ALL]).toEqual([0, true])
    const flushed = 'ringside_flushed_keys_total{result="removed"}'
    expect(await (sidecars[0] as Sidecar).metric(flushed)).toBeGreaterThanOrEqual(KEYS.length)
  })
})
