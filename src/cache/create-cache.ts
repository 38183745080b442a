import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import { Flights } from '../flight/flights.ts'
import type { Heat } from '../hotkey/heat.ts'
import type { HotList } from '../hotkey/hot-list.ts'
import { Turns } from '../hotkey/turns.ts'
import { Keyspaces } from '../keyspace/keyspaces.ts'
import { refreshLockName } from '../keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Origin } from '../origin/origin.ts'
import { backlogNames } from '../store/backlog.ts'
import { FleetVersions } from '../store/fleet-versions.ts'
import type { Tier } from '../store/tier.ts'
import { AuditTally } from './audit-tally.ts'
import { Auditor, type AuditorOptions } from './auditor.ts'
import { BehindWrites } from './behind-writes.ts'
import { CopyFills } from './copy-fills.ts'
import { CopyRung } from './copy-rung.ts'
import { Counters } from './counters.ts'
import { Errand } from './errand.ts'
import { HomeRung } from './home-rung.ts'
import { HotKeys } from './hot-keys.ts'
import { JoinedIncrements } from './joined-increments.ts'
import { Keeping } from './keeping.ts'
import { KeyspaceBumps } from './keyspace-bumps.ts'
import type { Landing, RungObserver } from './landing.ts'
import { LeaseDesk } from './lease-desk.ts'
import { LeaseTokens } from './lease-tokens.ts'
import { Loads } from './loads.ts'
import { MovedLately } from './moved-lately.ts'
import type { NearRung } from './near-rung.ts'
import { OriginWrites } from './origin-writes.ts'
import { OtherVersions } from './other-versions.ts'
import { OwnChanges } from './own-changes.ts'
import { Patience } from './patience.ts'
import { Prewarm } from './prewarm.ts'
import { ReadPath } from './read-path.ts'
import { ReadTally } from './read-tally.ts'
import { Refresher } from './refresher.ts'
import { RingsideCache } from './ringside-cache.ts'
import { TagStamps } from './tag-stamps.ts'
import { Tagging, type TaggingParts } from './tagging.ts'
import { WritePath } from './write-path.ts'

export interface CacheOptions {
  readonly env: string
  readonly policies: readonly KeyspacePolicy[]
  readonly lease: { readonly ttlMs: number; readonly waitMs: number }
  /** Larger values are answered, but not stored. */
  readonly maxValueBytes: number
  /** None unless given. */
  readonly audit?: AuditorOptions
  readonly rules: Rules
}

export interface CacheSurroundings {
  readonly near: NearRung
  readonly store: Tier
  readonly origins: ReadonlyMap<string, Origin>
  /** Counts what is read and changed. */
  readonly heat: Heat
  /** The keys that have copies. */
  readonly hot: HotList
  /** The versions of keyspaces as the shards know them; without it nobody else hears of them. */
  readonly versions?: FleetVersions
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly onRung: RungObserver
}

/** How often shards are heard where nobody says. */
const HEARTBEAT_MS = 1_000

const NO_AUDITS: AuditorOptions = { share: 0, originShare: 0, perSecond: 1 }

/** The use cases that change something. */
function createChanging(
  env: string,
  parts: Pick<CacheSurroundings, 'store' | 'origins' | 'clock' | 'chance' | 'log'> & Pick<CacheOptions, 'rules'>,
  tags: { readonly tagging: Tagging; readonly tokens: LeaseTokens },
  own: { readonly changes: OwnChanges; readonly otherVersions: OtherVersions; readonly tally: ReadTally },
) {
  const shared = { store: parts.store, ...own }
  const behind = new BehindWrites({ backlog: backlogNames(env).backlog, ...shared })
  return {
    writes: new WritePath({ ...shared, ...tags, clock: parts.clock }),
    originWrites: new OriginWrites({ ...parts, ...own }),
    behindWrites: behind,
    counters: new Counters({ ...shared, behind }),
    joined: new JoinedIncrements(parts.clock),
  }
}

/** The keyspaces, each at the version that the fleet has moved it to. */
function createKeyspaces(
  { env, policies }: Pick<CacheOptions, 'env' | 'policies'>,
  moves: FleetVersions,
  clock: Clock,
) {
  const keyspaces = new Keyspaces({ env, policies })
  const moved = new MovedLately(clock)
  moves.follow((keyspace, version) => {
    keyspaces.move(keyspace, version)
    moved.note(keyspace, version.inForce)
  })
  return { keyspaces, moved }
}

/** What gives values their tags, and leases the moment that tags need. */
function createTagging(parts: TaggingParts) {
  return { tagging: new Tagging(parts), tokens: new LeaseTokens() }
}

/** Near cache → flights → copies → home shard → lease → origin, and the use cases on top of them. */
export function createCache(options: CacheOptions, surroundings: CacheSurroundings) {
  const { near, store, origins, heat, hot, versions, clock, chance, log, onRung } = surroundings
  const { env, policies, lease, maxValueBytes, audit = NO_AUDITS, rules } = options
  const moves = versions ?? new FleetVersions(clock, HEARTBEAT_MS)
  const { keyspaces, moved } = createKeyspaces(options, moves, clock)
  const names = policies.map((policy) => policy.name)
  const tally = new ReadTally(names, clock)
  const flights = new Flights<Landing, Errand>(clock, (passenger) => new Errand(passenger))
  const loads = new Loads(origins, clock, chance, (key) => store.agrees(key))
  const stamps = new TagStamps({ store, near, clock, rules })
  const { tagging, tokens } = createTagging({ store, clock, rules })
  const keeping = new Keeping(store, near, stamps, log)
  const leasing = { store, loads, stamps, tagging, tokens, near, moved, tally, clock, chance, log }
  const leases = new LeaseDesk({ ...lease, maxValueBytes }, leasing)
  const refresher = new Refresher(
    { lockMs: lease.ttlMs, lockName: refreshLockName, maxValueBytes },
    { store, loads, tagging, near, keeping, tally, log },
  )
  const patience = new Patience(near, clock)
  const fills = new CopyFills({ leaseTtlMs: lease.ttlMs }, { hot, store, stamps, clock, log })
  const copies = new CopyRung({ hot, heat, turns: new Turns(chance), fills, store, near, stamps, clock, onRung })
  const home = new HomeRung({ store, near, stamps, refresher, heat, clock, onRung })
  const climbing = { near, copies, home, flights, patience, store, leases, loads, keeping, clock, rules, onRung }
  const reads = new ReadPath(climbing)
  const otherVersions = new OtherVersions({ keyspaces, store, rules })
  const changes = new OwnChanges({ near, copies: fills, flights, heat, otherVersions })
  const changing = createChanging(
    env,
    { ...surroundings, rules },
    { tagging, tokens },
    { changes, otherVersions, tally },
  )
  const audits = new AuditTally(names)
  const auditor = new Auditor(audit, { store, loads, stamps, keyspaces, tally: audits, clock, chance, log })
  const hotKeys = new HotKeys({ shards: () => store.shards, heat, keyspaces, log })
  return {
    cache: new RingsideCache({ near, keyspaces, reads, ...changing, heat, store, tally, auditor, clock }),
    /** Goes by these policies from now on. */
    take(policies: readonly KeyspacePolicy[]) {
      for (const one of [tally, audits]) for (const { name } of policies) one.know(name)
      keyspaces.take(policies)
    },
    auditor,
    otherVersions,
    joined: changing.joined,
    leases,
    refresher,
    flights,
    tally,
    hotKeys,
    /** What those go by who load keys of their own accord. */
    loading: { keyspaces, store, leases, loads },
    bumps: new KeyspaceBumps({ env, rules }, { keyspaces, versions: moves, store, clock, log }),
    prewarm: new Prewarm({ hotKeys, keyspaces, keeping, clock, log }),
    /** What is asked at a scrape, counted since the start. */
    scraped: {
      audits: () => audits.keyspaces,
      /** By which each keyspace is read here. */
      keyspaceVersions: () => keyspaces.policies.map(({ name }) => [name, keyspaces.version(name)] as const),
      readPath: () => ({
        flightsJoined: flights.stats().joined,
        leases: leases.results,
        refreshes: refresher.results,
        copyFills: fills.results,
        keyspaces: tally.keyspaces,
      }),
    },
  }
}
