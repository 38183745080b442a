import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DatabaseWatch, type Gauge } from '../drills/world/database-watch.ts'
import { createDrillDatabase, LOAD_SQL } from '../drills/world/drill-database.ts'
import { USUAL_WORLD } from '../drills/world/world-shape.ts'
import { CacheClient } from '../rpc/client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

/** All together; more sidecars than that may run, so that none may use anything without asking. */
const LIMIT = 16
const FLEET = 24
const SIDECARS = 3
/** Callers of each sidecar, each of whom wants the next cold key as soon as it has an answer. */
const CALLERS = 10
const TABLE = 'test:~budget:catalog'
const TIMEOUT_MS = 1_500

const config = (redis: readonly RedisServer[], postgres: Postgres) => `
env: test
fleet: ${FLEET}
heartbeat: 250ms
near: { maxBytes: 0 }
shards: { nodes: [${redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`).join(', ')}], timeout: 1s }
origins:
  catalog: { type: postgres, url: "${postgres.url}", timeout: ${TIMEOUT_MS}ms, batch: 1, maxConcurrent: ${LIMIT}, minConcurrent: ${LIMIT}, load: "${LOAD_SQL}" }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: catalog }
`

/** Callers that go on until they are told to stop; what becomes of a single call is not what this is about. */
class ColdLoad {
  #next = 0
  #stopped = false
  readonly #callers: Promise<void>[] = []

  on({ grpc }: Sidecar): void {
    const client = new CacheClient(grpc)
    const callers = Array.from({ length: CALLERS }, () => this.#call(client))
    this.#callers.push(Promise.all(callers).then(() => client.close()))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#callers)
  }

  async #call(client: CacheClient): Promise<void> {
    while (!this.#stopped) {
      this.#next += 1
      const request = { keyspace: 'product', key: String(this.#next) }
      await client
        .get(request, { deadline: Date.now() + 2_000 })
        .catch(() => new Promise((retry) => setTimeout(retry, 20)))
    }
  }
}

describe('three sidecars of a fleet that may be larger than what their database bears', () => {
  let postgres: Postgres
  let redis: RedisServer[]
  let sidecars: Sidecar[]
  let watch: DatabaseWatch
  let load: ColdLoad

  const start = async () => {
    const sidecar = await startSidecar({ config: config(redis, postgres) })
    load.on(sidecar)
    return sidecar
  }
  const since = (gauge: number) => watch.gauges.slice(gauge)
  const mean = (gauges: readonly Gauge[]) => gauges.reduce((sum, { atOnce }) => sum + atOnce, 0) / gauges.length
  /** Over two seconds at least four fifths of the places are taken. */
  const isWellUsed = (what: string) => {
    const from = watch.gauges.length
    return until(
      `a limit that is used again after ${what}`,
      () => {
        const last = since(from).slice(-20)
        return last.length === 20 && mean(last) >= 0.8 * LIMIT
      },
      60_000,
    )
  }
  const metaShard = async () => {
    const has = await Promise.all(redis.map(({ client }) => client.exists(TABLE)))
    return redis[has.indexOf(1)] as RedisServer
  }

  beforeAll(async () => {
    postgres = await startPostgres()
    await createDrillDatabase(postgres, { ...USUAL_WORLD, originLimit: LIMIT, loadMs: 300 })
    redis = await Promise.all([startRedis(), startRedis()])
    load = new ColdLoad()
    sidecars = await Promise.all(Array.from({ length: SIDECARS }, start))
    watch = new DatabaseWatch(postgres)
  }, 120_000)
  afterAll(async () => {
    await load.stop()
    await watch.stop()
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  })

  it('use its limit and never exceed it, whatever becomes of them and of the table of shares', {
    timeout: 400_000,
  }, async () => {
    await isWellUsed('the start')

    await (sidecars.pop() as Sidecar).kill()
    sidecars.push(await start())
    await isWellUsed('a sidecar was killed and replaced')

    const [frozen] = sidecars as [Sidecar]
    process.kill(frozen.pid, 'SIGSTOP')
    await isWellUsed('a sidecar stood still')
    process.kill(frozen.pid, 'SIGCONT')
    await isWellUsed('it went on')

    for (const server of redis) await server.client.flushall()
    await isWellUsed('everything in the shards was flushed')

    const meta = await metaShard()
    await meta.kill()
    await until(
      'a database that nobody asks without a share',
      () => since(-5).every(({ atOnce }) => atOnce === 0),
      60_000,
    )
    await meta.restart()
    await isWellUsed('the shard with the table was killed and restarted')

    expect(Math.max(...watch.gauges.map(({ atOnce }) => atOnce))).toBe(LIMIT)
    expect(watch.gauges.at(-1)?.refusals).toBe(0)
  })
})
