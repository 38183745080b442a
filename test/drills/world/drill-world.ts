import { RingsideClient } from '../../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { type Sidecar, startSidecar } from '../../support/sidecar.ts'
import { TcpForwarder } from '../../support/tcp-forwarder.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { createDrillDatabase, LOAD_SQL } from './drill-database.ts'
import type { DrillTier, StartTier } from './drill-tier.ts'
import type { WorldShape } from './world-shape.ts'

export const KEYSPACE = 'product'
const FILL_BATCH = 500
const DATABASE_SETTINGS = { synchronous_commit: 'on', log_connections: 'on', max_connections: '200' }
const CONNECTED = /connection authorized: .*application_name=ringside/

/** The processes that a drill is about. */
export interface DrillWorld<Tier extends DrillTier = DrillTier> {
  readonly shape: WorldShape
  readonly postgres: Postgres
  readonly tier: Tier
  readonly sidecars: readonly Sidecar[]
  /** The ways of the sidecars to the database, in their order; none where the shape asks for none. */
  readonly databaseRoads: readonly TcpForwarder[]
  /** When a sidecar had made a connection to the database, by the log of the database. */
  readonly connectedAt: readonly number[]
  stop(): Promise<void>
}

/** What a sidecar is told, without `listen`. */
export function drillConfig(
  { shape, postgres, tier, databaseRoads }: Pick<DrillWorld, 'shape' | 'postgres' | 'tier' | 'databaseRoads'>,
  sidecar: number,
): string {
  const { sidecars, originLimit, replicas, nearBytes, batch, boundMs, degradedMs } = shape
  const url = new URL(postgres.url)
  url.port = String(databaseRoads[sidecar]?.port ?? postgres.port)
  const config = {
    env: 'drill',
    log: { level: 'warn' },
    shards: tier.configFor(sidecar),
    journal: { path: 'journal' },
    near: { maxBytes: `${nearBytes}B` },
    origins: {
      // The limit is shared among them, so that together they keep to it.
      catalog: {
        type: 'postgres',
        url: url.href,
        load: LOAD_SQL,
        batch,
        maxConcurrent: Math.floor(originLimit / sidecars),
      },
    },
    keyspaces: {
      [KEYSPACE]: {
        consistency: 'bounded',
        maxStaleness: `${boundMs}ms`,
        ttl: '10m',
        origin: 'catalog',
        degraded: { maxStaleness: `${degradedMs}ms` },
        replicas: { read: replicas > 0 },
      },
    },
  }
  // Each section on a line of its own; JSON is YAML.
  return Object.entries(config)
    .map(([name, section]) => `${name}: ${JSON.stringify(section)}\n`)
    .join('')
}

/** Starts everything, and fills the caches. What was started ends with this process, too. */
export async function startDrillWorld<Tier extends DrillTier>(
  shape: WorldShape,
  startTier: StartTier<Tier>,
): Promise<DrillWorld<Tier>> {
  const running: { stop(): Promise<unknown>; abandon(): void }[] = []
  const started = <One extends { stop(): Promise<unknown>; abandon(): void }>(one: One): One => {
    running.push(one)
    return one
  }
  const abandon = () => {
    for (const one of running) one.abandon()
  }
  const stop = async () => {
    for (const one of [...running].reverse()) await one.stop()
    running.length = 0
    process.off('exit', abandon)
  }
  process.once('exit', abandon)
  try {
    const connectedAt: number[] = []
    const onLog = (line: string) => {
      if (CONNECTED.test(line)) connectedAt.push(monotonicMs())
    }
    // What the database has acknowledged must survive its being killed, or the drill would blame the cache.
    const postgres = await startPostgres({ settings: DATABASE_SETTINGS, onLog })
    started({ stop: () => postgres.stop(), abandon: () => undefined })
    await createDrillDatabase(postgres, shape)
    const tier = started(await startTier(shape))
    const databaseRoads: TcpForwarder[] = []
    for (let index = 0; shape.roads && index < shape.sidecars; index += 1) {
      const road = await TcpForwarder.start(postgres.port)
      started({ stop: () => road.close(), abandon: () => undefined })
      databaseRoads.push(road)
    }
    const sidecars: Sidecar[] = []
    const world = { shape, postgres, tier, sidecars, databaseRoads, connectedAt, stop }
    for (let index = 0; index < shape.sidecars; index += 1)
      sidecars.push(started(await startSidecar({ config: drillConfig(world, index) })))
    await fill(sidecars, shape.keys)
    return world
  } catch (error) {
    await stop()
    throw error
  }
}

/** Every sidecar asks for every key, the one that is asked most often last, so that near caches hold those. */
async function fill(sidecars: readonly Sidecar[], keys: number): Promise<void> {
  const clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc }))
  for (let to = keys; to > 0; to -= FILL_BATCH) {
    const from = Math.max(1, to - FILL_BATCH + 1)
    const requests = Array.from({ length: to - from + 1 }, (_, index) => ({
      keyspace: KEYSPACE,
      key: String(from + index),
    }))
    for (const client of clients) await client.batchGet(requests)
  }
  await Promise.all(clients.map((client) => client.close()))
}
