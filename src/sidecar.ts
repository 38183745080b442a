import { assessReadiness, type Phase } from './admin/assess-readiness.ts'
import type { Readiness } from './admin/readiness.ts'
import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { heldBytes } from './base/process-memory.ts'
import { ALL_RULES } from './base/rules.ts'
import type { Backlogs } from './cache/backlogs.ts'
import { type CacheOptions, createCache } from './cache/create-cache.ts'
import type { FleetErrands } from './cache/fleet-errands.ts'
import type { RungObserver } from './cache/landing.ts'
import { NearRung } from './cache/near-rung.ts'
import type { Preloads } from './cache/preloads.ts'
import type { Prewarm } from './cache/prewarm.ts'
import { RecentChanges } from './cache/recent-changes.ts'
import type { Config } from './config/config.ts'
import type { LoadResult } from './config/load-config.ts'
import type { Reloads, ReloadsParts } from './config/reloads.ts'
import type { TokenFile } from './config/token-file.ts'
import type { EventConsumer } from './events/event-consumer.ts'
import { Overload } from './guard/overload.ts'
import type { Keyspaces } from './keyspace/keyspaces.ts'
import { Latency } from './metrics/latency.ts'
import { createMetrics } from './metrics/metrics.ts'
import { RequestMeter } from './metrics/request-meter.ts'
import { openBacklogs } from './open-backlogs.ts'
import { openErrands } from './open-errands.ts'
import { openEvents } from './open-events.ts'
import { openFlush } from './open-flush.ts'
import { openHeat } from './open-heat.ts'
import { openLocks } from './open-locks.ts'
import { openNear } from './open-near.ts'
import { openOrigins } from './open-origins.ts'
import { openProbes, type Probes } from './open-probes.ts'
import { openReloads, overloadLimits } from './open-reloads.ts'
import { openServer } from './open-server.ts'
import { openShards } from './open-shards.ts'
import { openShares } from './open-shares.ts'
import { openWarming } from './open-warming.ts'
import type { Origin } from './origin/origin.ts'
import type { GrpcServer } from './rpc/grpc-server.ts'
import { linger } from './rpc/linger.ts'
import { FleetShares } from './store/fleet-shares.ts'
import { FleetVersions } from './store/fleet-versions.ts'
import { Packer } from './store/packing/packer.ts'
import type { Tier } from './store/tier.ts'

export interface SidecarParts {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Changes what is logged. */
  readonly setLogLevel: (level: Config['log']['level']) => void
  readonly configEvents?: ReloadsParts['configEvents']
}

/** `undefined` where it does not listen. */
export interface SidecarAddresses {
  readonly tcp: string | undefined
  readonly socket: string | undefined
  readonly admin: string | undefined
  readonly health: string | undefined
}

export interface Sidecar {
  /** Connects and listens; a shard or an origin out of reach is no reason not to. Rejects with `CONFIG_INVALID`. */
  start(): Promise<SidecarAddresses>
  /** Takes a changed configuration: what can change without a restart is in force at once; a wrong one changes nothing. */
  reload(result: LoadResult): void
  /** For a stop that comes together with the app's: goes on as before while callers are connected, within the configured time. */
  linger(): Promise<void>
  /** Not ready → what is in flight finishes, within the configured time → everything is closed. */
  drain(): Promise<void>
}

/** The wiring of one sidecar, in the order in which a request passes: edges, use cases, tiers, origins. */
export async function createSidecar(config: Config, parts: SidecarParts): Promise<Sidecar> {
  const { clock, log } = parts
  const nearCache = openNear(config, parts)
  const near = new NearRung(nearCache, new RecentChanges(clock), clock, ALL_RULES)
  const [shares, versions] = [new FleetShares(clock), new FleetVersions(clock, config.heartbeatMs)]
  const rungs = new Latency()
  const packer = new Packer({ maxValueBytes: config.limits.valueBytes }, parts)
  const mayGoOn = () => [...origins.values()].every((origin) => origin.stats().waiting === 0)
  const around = { near, versions, packer, mayGoOn, onBeat: toEach(() => [shares, exchange, notices]) }
  const tier = await openShards(config, { ...parts, ...around })
  const { tier: store, ring } = tier
  const { origins, breakers: originBreakers } = await openOrigins(config, { ...parts, onWaiting: shares.press })
  openShares(config, shares, { ...parts, store, origins })
  const { heat, hot, exchange, changes, keyspaces } = openHeat(config, { ...parts, store, versions })
  const locks = openLocks(config, { ...parts, store })
  const errands = openErrands(config, { ...parts, store })
  const { flush, notices } = openFlush(config, { ...parts, store, near, errands, keyspaces, mayGoOn })
  const below = { ...parts, near, store, origins, heat, hot, versions, onRung: observing(rungs) }
  const made = createCache(cacheOptions(config), below)
  const { cache, auditor, joined, hotKeys, bumps, prewarm, otherVersions } = made
  const { warming, preloads } = openWarming(config, { ...parts, origins, errands, hotKeys, loading: made.loading })
  const backlogs = openBacklogs(config, { ...parts, store, origins, otherVersions, packer })

  const { events, keyspaces: ofEvents } = await openEvents(config, { ...parts, cache, bumps })

  const breakers = () => [...tier.breakers(), ...originBreakers.values()]
  const [meter, overload] = [meterFor(keyspaces), new Overload(overloadLimits(config), { clock, heldBytes })]
  const { server, token } = openServer(config, {
    ...{ cache, locks, meter, overload, clock, log },
    admin: { hotKeys, bumps, warming, flush, ring, nodes: tier.nodes, shards: () => store.shards, breakers },
  })
  const reloads = openReloads(config, {
    ...parts,
    tier,
    versions,
    overload,
    server,
    keyspaces: [made, keyspaces, ofEvents],
  })
  const metrics = createMetrics({
    ...{ rungs, locks, warming, overload, backlogs, breakers, reloads, requests: meter, ring: tier.change },
    near: () => ({ ...nearCache.stats(), tieBytes: near.tieBytes }),
    ...{ ...made.scraped, packing: packer, flush },
    hotKeys: { own: () => hotKeys.own(config.hot.labels), copied: () => hot.size, changes: changes.counts },
    inFlight: () => server.inFlight(),
    engine: () => server.engineStats(),
    shards: () => store.shards,
    origins: () => [...origins.values()],
    shares: () => shares.stats,
    events: () => events,
  })
  const phase: { is: Phase } = { is: 'starting' }
  const readiness = () =>
    assessReadiness({
      ...{ phase: phase.is, keyspaces: keyspaces.policies, config: reloads },
      ...{ shards: store.shards, ring: tier.change, originBreakers, shares: shares.stats, events },
    })
  const probes = openProbes(config, { health: server.health, readiness, metrics, clock, log })
  const watching = [auditor, preloads, warming, overload, joined, token, ...(locks === undefined ? [] : [locks])]
  return alive({
    ...{ config, clock, phase, readiness, reloads, probes, server, token },
    ...{ store, origins, shares, prewarm, preloads, errands, backlogs, events, watching },
  })
}

interface Parts {
  readonly config: Config
  readonly clock: Clock
  readonly phase: { is: Phase }
  readonly readiness: () => Readiness
  readonly reloads: Reloads
  readonly probes: Probes
  readonly server: GrpcServer
  readonly store: Tier
  readonly origins: ReadonlyMap<string, Origin>
  readonly shares: FleetShares
  readonly prewarm: Prewarm
  readonly preloads: Preloads
  readonly errands: FleetErrands
  readonly backlogs: Backlogs
  readonly events: readonly EventConsumer[]
  readonly token: TokenFile
  /** What runs behind the calls. */
  readonly watching: readonly { close(): void }[]
}

/** In which order the parts begin and end. */
function alive(parts: Parts): Sidecar {
  const { config, clock, phase, readiness, reloads, probes, server, store, shares } = parts
  const { prewarm, preloads, errands, backlogs, events, token, watching } = parts
  const origins = [...parts.origins.values()]
  let stopTelling: () => void = () => undefined
  return {
    async start() {
      await probes.start()
      await Promise.all([store.start(), ...origins.map((origin) => origin.start())])
      await shares.start()
      backlogs.start()
      await token.start()
      await server.start()
      if (config.near.prewarm) await prewarm.run()
      for (const consumer of events) consumer.start()
      phase.is = 'running'
      preloads.start()
      stopTelling = every(config.heartbeatMs, clock, () => server.setReady(readiness().ready))
      return { ...server.addresses(), ...probes.addresses() }
    },
    reload: (result) => reloads.take(result),
    linger: () => linger(config.lingerMs, { callers: () => server.engineStats()?.connections, clock }),
    async drain() {
      phase.is = 'draining'
      stopTelling()
      for (const one of watching) one.close()
      const endsAt = clock.now() + config.drainMs
      await Promise.all([server.drain(config.drainMs), ...events.map((consumer) => consumer.close())])
      await errands.close()
      await backlogs.drain(endsAt - clock.now())
      await Promise.all(origins.map((origin) => origin.close()))
      await shares.close()
      await store.close()
      await probes.close()
    },
  }
}

function observing(rungs: Latency): RungObserver {
  return (rung, ms) => rungs.observe(rung, ms / 1_000)
}

/** Tells them of each heartbeat that leaves for a shard; they are made later than what is told. */
function toEach(listeners: () => readonly { beat(shard: string): void }[]): (shard: string) => void {
  return (shard) => {
    for (const one of listeners()) one.beat(shard)
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

function cacheOptions({ env, keyspaces: policies, lease, audit, limits }: Config): CacheOptions {
  return { env, policies, lease, maxValueBytes: limits.valueBytes, audit, rules: ALL_RULES }
}

function meterFor(keyspaces: Keyspaces): RequestMeter {
  return new RequestMeter((name) => keyspaces.has(name))
}
