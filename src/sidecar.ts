import { assessReadiness, type Phase } from './admin/assess-readiness.ts'
import { HttpServer } from './admin/http-server.ts'
import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { mostResidentBytes, residentBytes } from './base/process-memory.ts'
import { ALL_RULES } from './base/rules.ts'
import { createCache } from './cache/create-cache.ts'
import { NearRung } from './cache/near-rung.ts'
import { RecentChanges } from './cache/recent-changes.ts'
import type { Config } from './config/config.ts'
import type { OriginConfig } from './config/sections/origins.ts'
import type { Breaker, BreakerOptions, Verdict } from './guard/breaker.ts'
import { Guard } from './guard/guard.ts'
import { OpossumBreaker } from './guard/opossum-breaker.ts'
import { Overload } from './guard/overload.ts'
import { Latency } from './metrics/latency.ts'
import { createMetrics } from './metrics/metrics.ts'
import { RequestMeter } from './metrics/request-meter.ts'
import { createNearCache } from './near/create-near-cache.ts'
import { FileOrigin } from './origin/file-origin.ts'
import { GuardedOrigin, originVerdict } from './origin/guarded-origin.ts'
import type { OriginAdapter } from './origin/origin.ts'
import { Ring } from './ring/ring.ts'
import { createGrpcServer } from './rpc/grpc-server.ts'
import type { Journal } from './store/journal/journal.ts'
import { openJournal } from './store/journal/open-journal.ts'
import { createMemoryShard } from './store/memory/create-memory-shard.ts'
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
  const { clock, log } = parts
  const breakers: Breakers = { shards: [], origins: [] }
  const maxShares = config.keyspaces.map((policy) => policy.nearShare)
  const seed = parts.chance.bytes(4).readUInt32LE()
  const nearCache = createNearCache({ ...config.near, maxShares, seed }, clock)
  const near = new NearRung(nearCache, new RecentChanges(clock), clock, ALL_RULES)
  const shards = await openShards(config, parts, breakers, near)
  const origins = await openOrigins(config, parts, breakers)
  const store = new ShardedStore(new Ring(nodesOf(config)), shards)
  const rungs = new Latency()
  const onRung = (rung: string, ms: number) => rungs.observe(rung, ms / 1_000)
  const { env, lease, audit } = config
  const { cache, auditor, readPath, audits } = createCache(
    { env, policies: config.keyspaces, lease, maxValueBytes: config.limits.valueBytes, audit, rules: ALL_RULES },
    { ...parts, near, store, origins, onRung },
  )

  const meter = meterFor(config)
  const overload = watchOverload(config, clock)
  const server = createGrpcServer({
    cache,
    listen: { tcp: config.listen.grpc, socket: config.listen.socket },
    engine: config.listen.engine,
    limits: { value: config.limits.valueBytes, batch: config.limits.batch, inFlight: config.limits.inFlight },
    overload: () => overload.refusal(),
    clock,
    log,
    meter,
  })
  const metrics = createMetrics({
    rungs,
    near: () => nearCache.stats(),
    readPath,
    audits,
    requests: meter,
    inFlight: () => server.inFlight(),
    overload,
    engine: () => server.engineStats(),
    shards: () => shards,
    origins: () => [...origins.values()],
    breakers: () => [...breakers.shards, ...breakers.origins],
  })
  let phase: Phase = 'starting'
  const readiness = () =>
    assessReadiness({ phase, keyspaces: config.keyspaces, shards, originBreakers: breakers.origins })
  const http = new HttpServer({ listen: config.listen.admin, readiness, metrics, log })

  let stopTelling: () => void = () => undefined
  return {
    async start() {
      await http.start()
      await Promise.all([store.start(), ...[...origins.values()].map((origin) => origin.start())])
      await server.start()
      phase = 'running'
      stopTelling = every(config.heartbeatMs, clock, () => server.setReady(readiness().ready))
      return { ...server.addresses(), admin: http.address() }
    },
    async drain() {
      phase = 'draining'
      stopTelling()
      auditor.close()
      overload.close()
      await server.drain(config.drainMs)
      await Promise.all([store.close(), ...[...origins.values()].map((origin) => origin.close())])
      await http.close()
    },
  }
}

/** Runs `run` now and again and again; what stops that. */
function every(periodMs: number, clock: Clock, run: () => void): () => void {
  run()
  let timer = clock.after(periodMs, again)
  function again(): void {
    run()
    timer = clock.after(periodMs, again)
  }
  return () => timer.cancel()
}

function meterFor({ keyspaces }: Config): RequestMeter {
  const names = new Set(keyspaces.map((policy) => policy.name))
  return new RequestMeter((name) => names.has(name))
}

function watchOverload({ limits }: Config, clock: Clock): Overload {
  const { loopLagMs, memoryBytes = mostResidentBytes() } = limits
  const bound = loopLagMs === 0 ? Number.POSITIVE_INFINITY : loopLagMs
  return new Overload({ loopLagMs: bound, memoryBytes }, { clock, residentBytes })
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
async function openShards(
  config: Config,
  parts: SidecarParts,
  breakers: Breakers,
  near: NearRung,
): Promise<readonly Shard[]> {
  const { env, shards, heartbeatMs } = config
  const surroundings = { ...parts, onChanged: (key: string | undefined) => near.changed(key) }
  const member = parts.chance.bytes(8).toString('base64url')
  const common = { controls: `${env}:~`, member, timeoutMs: shards.timeoutMs, heartbeatMs, rules: ALL_RULES }
  if (shards.topology === 'embedded') {
    return nodesOf(config).map(({ name }) =>
      createMemoryShard({ ...common, name, maxBytes: MEMORY_SHARD_BYTES }, surroundings),
    )
  }
  const { createRedisShard } = await import('./store/redis/create-redis-shard.ts')
  const guardFor = (server: string) => {
    const breaker = openBreaker(`shard:${server}`, SHARD_BREAKER, () => 'failure', parts)
    breakers.shards.push(breaker)
    const limits = { name: breaker.name, timeoutMs: shards.timeoutMs, ...SHARD_PIPELINES }
    return new Guard(limits, { clock: parts.clock, breaker })
  }
  const journals = await openJournals(config)
  return shards.nodes.map(({ name, primary: url, replicas }) =>
    createRedisShard(
      { ...common, name, url, replicas: replicas.map((replica) => replica.url) },
      { ...surroundings, guardFor, journal: journals.get(name) },
    ),
  )
}

async function openJournals({ journal, shards }: Config): Promise<ReadonlyMap<string, Journal>> {
  const journals = new Map<string, Journal>()
  if (journal === undefined || shards.topology === 'embedded') return journals
  const { path: folder, maxBytes } = journal
  for (const { name: shard } of shards.nodes) journals.set(shard, await openJournal({ folder, shard, maxBytes }))
  return journals
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
