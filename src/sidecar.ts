import { assessReadiness, type Phase } from './admin/assess-readiness.ts'
import { HttpServer } from './admin/http-server.ts'
import type { Chance } from './base/chance.ts'
import type { Clock, Timer } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Landing } from './cache/landing.ts'
import { LeaseDesk } from './cache/lease-desk.ts'
import { Loads } from './cache/loads.ts'
import { NearRung } from './cache/near-rung.ts'
import { OwnChanges } from './cache/own-changes.ts'
import { ReadPath } from './cache/read-path.ts'
import { ReadTally } from './cache/read-tally.ts'
import { Refresher } from './cache/refresher.ts'
import { RingsideCache } from './cache/ringside-cache.ts'
import { WritePath } from './cache/write-path.ts'
import type { Config } from './config/config.ts'
import type { OriginConfig } from './config/sections/origins.ts'
import { Flights } from './flight/flights.ts'
import type { Breaker, BreakerOptions, Verdict } from './guard/breaker.ts'
import { Guard } from './guard/guard.ts'
import { OpossumBreaker } from './guard/opossum-breaker.ts'
import { Keyspaces } from './keyspace/keyspaces.ts'
import { refreshLockName } from './keyspace/physical-key.ts'
import { Latency } from './metrics/latency.ts'
import { createMetrics } from './metrics/metrics.ts'
import { RequestMeter } from './metrics/request-meter.ts'
import { createNearCache } from './near/create-near-cache.ts'
import { FileOrigin } from './origin/file-origin.ts'
import { GuardedOrigin, originVerdict } from './origin/guarded-origin.ts'
import type { OriginAdapter } from './origin/origin.ts'
import { Ring } from './ring/ring.ts'
import { createGrpcServer } from './rpc/grpc-server.ts'
import { MemoryShard } from './store/memory-shard.ts'
import type { Shard } from './store/shard.ts'
import { ShardedStore } from './store/sharded-store.ts'

export interface SidecarParts {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** `undefined` where it does not listen. */
export interface SidecarAddresses {
  readonly tcp: string | undefined
  readonly socket: string | undefined
  readonly admin: string | undefined
}

export interface Sidecar {
  /** Connects and listens; a shard or an origin out of reach is no reason not to. Rejects with `CONFIG_INVALID`. */
  start(): Promise<SidecarAddresses>
  /** Not ready → what is in flight finishes, within the configured time → everything is closed. */
  drain(): Promise<void>
}

type Ratios = Pick<
  BreakerOptions,
  'consecutiveFailures' | 'failureRatio' | 'minimumCalls' | 'windowMs' | 'openForMs' | 'jitter' | 'slowAfterMs'
>

/** A shard is given up after a few deadlines in a row, and asked again soon: a probe costs one caller one deadline. */
const SHARD_BREAKER: Ratios = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 2_000,
  openForMs: 1_000,
  jitter: 0.3,
  slowAfterMs: undefined,
}

/** A database gets more patience, and more rest. */
const ORIGIN_BREAKER: Ratios = {
  consecutiveFailures: 10,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openForMs: 2_000,
  jitter: 0.3,
  slowAfterMs: undefined,
}

/** Pipelines, each of one tick's commands, that may be under way to one shard, and that may wait for that. */
const SHARD_PIPELINES = { maxConcurrent: 64, maxWaiting: 256 }

const MEMORY_SHARD_BYTES = 32 << 20

/** The wiring of one sidecar, in the order in which a request passes: edges, use cases, tiers, origins. */
export async function createSidecar(config: Config, parts: SidecarParts): Promise<Sidecar> {
  const breakers: Breakers = { shards: [], origins: [] }
  const shards = await openShards(config, parts, breakers)
  const origins = await openOrigins(config, parts, breakers)
  const store = new ShardedStore(new Ring(nodesOf(config)), shards)
  const { cache, measures } = wireCache(config, parts, store, origins)
  const { clock, log } = parts

  const isKeyspace = new Set(config.keyspaces.map((policy) => policy.name))
  const meter = new RequestMeter((name) => isKeyspace.has(name))
  const server = createGrpcServer({
    cache,
    listen: { tcp: config.listen.grpc, socket: config.listen.socket },
    limits: { value: config.limits.valueBytes, batch: config.limits.batch, inFlight: config.limits.inFlight },
    clock,
    log,
    meter,
  })
  const metrics = createMetrics({
    ...measures,
    requests: meter,
    inFlight: () => server.inFlight(),
    shards: () => shards,
    origins: () => [...origins.values()],
    breakers: () => [...breakers.shards, ...breakers.origins],
  })
  let phase: Phase = 'starting'
  const readiness = () =>
    assessReadiness({ phase, keyspaces: config.keyspaces, shards, originBreakers: breakers.origins })
  const http = new HttpServer({ listen: config.listen.admin, readiness, metrics, log })

  let watch: Timer | undefined
  const publish = () => {
    server.setReady(readiness().ready)
    watch = clock.after(config.heartbeatMs, publish)
  }
  return {
    async start() {
      await http.start()
      await Promise.all([store.start(), ...[...origins.values()].map((origin) => origin.start())])
      await server.start()
      phase = 'running'
      publish()
      return { ...server.addresses(), admin: http.address() }
    },
    async drain() {
      phase = 'draining'
      watch?.cancel()
      await server.drain(config.drainMs)
      await Promise.all([store.close(), ...[...origins.values()].map((origin) => origin.close())])
      await http.close()
    },
  }
}

/** Near cache → flights → home shard → lease → origin, and the use cases on top of them. */
function wireCache(config: Config, { clock, chance, log }: SidecarParts, store: ShardedStore, origins: Origins) {
  const maxValueBytes = config.limits.valueBytes
  const keyspaces = new Keyspaces({ env: config.env, policies: config.keyspaces })
  const tally = new ReadTally(
    config.keyspaces.map((policy) => policy.name),
    clock,
  )
  const rungs = new Latency()
  const nearCache = createNearCache(config.near, clock)
  const changes = new OwnChanges(clock)
  const near = new NearRung(nearCache, changes, clock)
  const flights = new Flights<Landing>(clock)
  const loads = new Loads(origins, clock, chance)
  const leases = new LeaseDesk({ ...config.lease, maxValueBytes }, { store, loads, tally, clock, chance, log })
  const refresher = new Refresher(
    { lockMs: config.lease.ttlMs, lockName: refreshLockName, maxValueBytes },
    { store, loads, near, tally, log },
  )
  const onRung = (rung: string, ms: number) => rungs.observe(rung, ms / 1_000)
  const reads = new ReadPath({ near, flights, store, leases, loads, refresher, clock, onRung })
  const writes = new WritePath({ store, near, flights, changes, tally })
  const readPath = () => ({
    flightsJoined: flights.stats().joined,
    leases: leases.results,
    refreshes: refresher.results,
    keyspaces: tally.keyspaces,
  })
  return {
    cache: new RingsideCache({ keyspaces, reads, writes, tally, clock }),
    measures: { rungs, near: () => nearCache.stats(), readPath },
  }
}

type Origins = ReadonlyMap<string, GuardedOrigin>

interface Breakers {
  readonly shards: Breaker[]
  readonly origins: Breaker[]
}

function nodesOf({ shards }: Config): readonly { readonly name: string; readonly weight: number }[] {
  if (shards.topology === 'ring') return shards.nodes
  return Array.from({ length: shards.count }, (_, index) => ({ name: `memory-${index + 1}`, weight: 1 }))
}

// Drivers are loaded where a configuration needs them: each takes up to 10 MB of memory.
async function openShards(config: Config, parts: SidecarParts, breakers: Breakers): Promise<readonly Shard[]> {
  const { shards } = config
  if (shards.topology === 'embedded') {
    return nodesOf(config).map(({ name }) => new MemoryShard({ name, maxBytes: MEMORY_SHARD_BYTES }, parts.clock))
  }
  const { RedisShard } = await import('./store/redis-shard.ts')
  const { timeoutMs } = shards
  const { heartbeatMs } = config
  return shards.nodes.map(({ name, primary: url }) => {
    const breaker = openBreaker(`shard:${name}`, SHARD_BREAKER, () => 'failure', parts)
    breakers.shards.push(breaker)
    const guard = new Guard({ name: breaker.name, timeoutMs, ...SHARD_PIPELINES }, { clock: parts.clock, breaker })
    return new RedisShard({ name, url, timeoutMs, heartbeatMs }, { guard, ...parts })
  })
}

async function openOrigins(config: Config, parts: SidecarParts, breakers: Breakers): Promise<Origins> {
  const origins = new Map<string, GuardedOrigin>()
  for (const origin of config.origins) {
    const breaker = openBreaker(`origin:${origin.name}`, ORIGIN_BREAKER, originVerdict, parts)
    breakers.origins.push(breaker)
    const guard = new Guard(origin, { clock: parts.clock, breaker })
    const adapter = await openAdapter(origin, parts)
    origins.set(origin.name, new GuardedOrigin(origin, { clock: parts.clock, adapter, guard }))
  }
  return origins
}

async function openAdapter(config: OriginConfig, parts: SidecarParts): Promise<OriginAdapter> {
  switch (config.type) {
    case 'postgres':
      return new (await import('./origin/postgres-origin.ts')).PostgresOrigin(config, parts)
    case 'grpc':
      return new (await import('./origin/grpc-origin.ts')).GrpcOrigin(config, parts)
    case 'file':
      return new FileOrigin(config, parts)
  }
}

function openBreaker(
  name: string,
  ratios: Ratios,
  classify: (error: unknown) => Verdict,
  { clock, chance }: SidecarParts,
): Breaker {
  return new OpossumBreaker({ name, ...ratios }, { clock, chance, classify })
}
