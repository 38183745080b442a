import { RingsideClient } from '../../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { type Sidecar, startSidecar } from '../../support/sidecar.ts'
import { TcpForwarder } from '../../support/tcp-forwarder.ts'
import { until } from '../../support/until.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { createDrillDatabase, LOAD_SQL, setLoadTime } from './drill-database.ts'
import type { DrillTier, StartTier } from './drill-tier.ts'
import type { WorldShape } from './world-shape.ts'

export const KEYSPACE = 'product'
const FILL_BATCH = 500
const DATABASE_SETTINGS = { synchronous_commit: 'on', log_connections: 'on', max_connections: '200' }
/** Everybody else comes through the Unix socket. */
const CONNECTED = /connection received: host=127\.0\.0\.1/

/** The processes that a drill is about. */
export interface DrillWorld<Tier extends DrillTier = DrillTier> {
  readonly shape: WorldShape
  readonly postgres: Postgres
  readonly tier: Tier
  readonly sidecars: readonly Sidecar[]
  /** The ways of the sidecars to the database, in their order; none where the shape asks for none. */
  readonly databaseRoads: readonly TcpForwarder[]
  /** When a sidecar began to make a connection to the database, by the log of the database. */
  readonly connectedAt: readonly number[]
  stop(): Promise<void>
}

/** What a sidecar is told, without `listen`. */
export function drillConfig(
  { shape, postgres, tier, databaseRoads }: Pick<DrillWorld, 'shape' | 'postgres' | 'tier' | 'databaseRoads'>,
  sidecar: number,
): string {
  const { sidecars, fleet = sidecars, originLimit, replicas, nearBytes, batch, boundMs, degradedMs, maxCopies } = shape
  const url = new URL(postgres.url)
  url.port = String(databaseRoads[sidecar]?.port ?? postgres.port)
  const config = {
    env: 'drill',
    fleet,
    log: { level: 'warn' },
    shards: tier.configFor(sidecar),
    journal: { path: 'journal' },
    near: { maxBytes: `${nearBytes}B` },
    origins: {
      catalog: { type: 'postgres', url: url.href, load: LOAD_SQL, batch, maxConcurrent: originLimit },
    },
    keyspaces: {
      [KEYSPACE]: {
        consistency: 'bounded',
        maxStaleness: `${boundMs}ms`,
        ttl: '10m',
        origin: 'catalog',
        degraded: { maxStaleness: `${degradedMs}ms` },
        replicas: { read: replicas > 0 },
        ...(maxCopies === undefined ? {} : { hot: { maxCopies } }),
      },
    },
  }
  // Each section on a line of its own; JSON is YAML.
  return Object.entries(config)
    .map(([name, section]) => `${name}: ${JSON.stringify(section)}\n`)
    .join('')
}

/** Starts everything, and fills the caches. */
export async function startDrillWorld<Tier extends DrillTier>(
  shape: WorldShape,
  startTier: StartTier<Tier>,
): Promise<DrillWorld<Tier>> {
  const running: { stop(): Promise<unknown> }[] = []
  const started = <One extends { stop(): Promise<unknown> }>(one: One): One => {
    running.push(one)
    return one
  }
  const stop = async () => {
    for (const one of running.splice(0).reverse()) await one.stop()
  }
  try {
    const connectedAt: number[] = []
    const onLog = (line: string) => {
      if (CONNECTED.test(line)) connectedAt.push(monotonicMs())
    }
    // What the database has acknowledged must survive its being killed, or the drill would blame the cache.
    const postgres = started(await startPostgres({ settings: DATABASE_SETTINGS, onLog }))
    await createDrillDatabase(postgres, shape)
    const tier = started(await startTier(shape))
    const databaseRoads: TcpForwarder[] = []
    for (let index = 0; shape.roads && index < shape.sidecars; index += 1) {
      const road = await TcpForwarder.start(postgres.port)
      started({ stop: () => road.close() })
      databaseRoads.push(road)
    }
    const sidecars: Sidecar[] = []
    const world = { shape, postgres, tier, sidecars, databaseRoads, connectedAt, stop }
    for (let index = 0; index < shape.sidecars; index += 1)
      sidecars.push(started(await startSidecar({ config: drillConfig(world, index), sheds: true })))
    await fillCaches(world)
    return world
  } catch (error) {
    await stop()
    throw error
  }
}

/** Every sidecar asks for every key, the one that is asked most often last, so that near caches hold those. */
export async function fillCaches({ postgres, sidecars, shape }: DrillWorld): Promise<void> {
  await setLoadTime(postgres, 0)
  const clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc }))
  for (let to = shape.keys; to > 0; to -= FILL_BATCH) {
    const from = Math.max(1, to - FILL_BATCH + 1)
    const requests = Array.from({ length: to - from + 1 }, (_, index) => ({
      keyspace: KEYSPACE,
      key: String(from + index),
    }))
    for (const client of clients) await until(`answers for keys ${from} to ${to}`, () => isAnswered(client, requests))
  }
  await Promise.all(clients.map((client) => client.close()))
  await setLoadTime(postgres, shape.loadMs)
}

/** A sidecar that has too much to do is asked again. */
async function isAnswered(
  client: RingsideClient,
  requests: Parameters<RingsideClient['batchGet']>[0],
): Promise<boolean> {
  const results = await client.batchGet(requests).catch(() => [])
  return results.length === requests.length && results.every(({ ok }) => ok)
}

/** The database for those that are not drilled. */
export const socketUrl = ({ socketDirectory, port }: Postgres): string =>
  `postgres://postgres@localhost:${port}/postgres?host=${encodeURIComponent(socketDirectory)}`
