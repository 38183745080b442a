import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { createDrillDatabase, LOAD_SQL, ORIGIN_LIMIT } from './drill-database.ts'

export const KEYSPACE = 'product'
export const KEYS = 2_000
export const BOUND_MS = 3_000
const SHARDS = 3
const SIDECARS = 2
const BATCH = 500

/** The processes that a drill is about. */
export interface DrillWorld {
  readonly postgres: Postgres
  readonly shards: readonly RedisServer[]
  readonly sidecars: readonly Sidecar[]
  stop(): Promise<void>
}

/** What the sidecars are told: the origin's limit is shared among them, so that together they keep to it. */
export function drillConfig(shards: readonly RedisServer[], postgres: Postgres): string {
  const nodes = shards.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`)
  return `
env: drill
log: { level: warn }
shards: { topology: ring, nodes: [${nodes.join(', ')}] }
near: { maxBytes: 128KiB }
origins:
  catalog: { type: postgres, url: "${postgres.url}", maxConcurrent: ${ORIGIN_LIMIT / SIDECARS}, load: "${LOAD_SQL}" }
keyspaces:
  ${KEYSPACE}:
    consistency: bounded
    maxStaleness: ${BOUND_MS}ms
    ttl: 10m
    origin: catalog
    degraded: { maxStaleness: 1m }
`
}

/** Starts everything, and fills the caches. */
export async function startDrillWorld(): Promise<DrillWorld> {
  const running: { stop(): Promise<unknown> }[] = []
  const stop = async () => {
    for (const one of running.splice(0).reverse()) await one.stop()
  }
  const started = <One extends { stop(): Promise<unknown> }>(one: One): One => {
    running.push(one)
    return one
  }
  try {
    // What the database has acknowledged must survive its being killed, or the drill would blame the cache.
    const postgres = started(await startPostgres({ settings: { synchronous_commit: 'on' } }))
    await createDrillDatabase(postgres)
    const shards: RedisServer[] = []
    for (let index = 0; index < SHARDS; index += 1) shards.push(started(await startRedis()))
    const sidecars: Sidecar[] = []
    const config = drillConfig(shards, postgres)
    for (let index = 0; index < SIDECARS; index += 1) sidecars.push(started(await startSidecar({ config })))
    for (const sidecar of sidecars) await fill(sidecar)
    return { postgres, shards, sidecars, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function fill({ grpc }: Sidecar): Promise<void> {
  const client = new RingsideClient({ target: grpc })
  for (let from = 1; from <= KEYS; from += BATCH) {
    const requests = Array.from({ length: BATCH }, (_, index) => ({ keyspace: KEYSPACE, key: String(from + index) }))
    await client.batchGet(requests)
  }
  await client.close()
}
