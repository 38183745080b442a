import { silentLog } from '../../src/base/log.ts'
import type { Rules } from '../../src/base/rules.ts'
import type { Cache } from '../../src/cache/cache.ts'
import { createCache } from '../../src/cache/create-cache.ts'
import type { KeyspaceBumps } from '../../src/cache/keyspace-bumps.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import type { Origin } from '../../src/origin/origin.ts'
import { Rings } from '../../src/ring/rings.ts'
import { FleetVersions } from '../../src/store/fleet-versions.ts'
import type { StatedNode } from '../../src/store/ring/ring-plan.ts'
import { RingTier } from '../../src/store/ring-tier.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { HEARTBEAT_MS, KEYSPACES, type SimulatedKeyspace } from './keyspaces.ts'
import { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedHeat } from './simulated-heat.ts'
import { type Wire, WiredServer } from './simulated-line.ts'
import type { SimulatedServer } from './simulated-server.ts'

const TIMEOUT_MS = 250
const LEASE = { ttlMs: 1_000, waitMs: 600 }

/** The database as each process reaches it. */
export interface SimulatedOrigins {
  originFor(name: string, clock: ProcessClock, lagMs: number): Origin
}

export interface Surroundings {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly servers: readonly SimulatedServer[]
  readonly rows: SimulatedOrigins
  readonly heat: SimulatedHeat
  /** Copies are to be read: near caches keep less, and packets are slow more often, so that more goes on meanwhile. */
  readonly crowd: boolean
  readonly rules: Rules
  /** The nodes as this sidecar's file lists them when it starts. */
  readonly nodes: readonly StatedNode[]
  /** Those of the simulation of freshness unless given. */
  readonly keyspaces?: readonly SimulatedKeyspace[]
  /** It has left a ring for another. */
  readonly onRingChange: () => void
}

/** Rings take milliseconds to make: each is made once for all sidecars of all worlds. */
const RINGS = new Rings()
/** Of what is read, so much the near cache means to keep. */
const WANTED = 0.4
/** Fewer steps than in production, so that a change is over in seconds. */
const SLICES = 3

/** One life of a sidecar: the production code over simulated clocks, wires and rows. */
export class SimulatedSidecar {
  readonly name: string
  readonly clock: ProcessClock
  readonly wires: readonly Wire[]
  readonly cache: Cache
  readonly bumps: KeyspaceBumps
  readonly #store: RingTier
  readonly #heat: SimulatedHeat
  readonly #hot: HotList
  readonly #unheard: ReadonlySet<string>
  #list = 0
  readonly #open: (shard: string) => Promise<TierShard>

  constructor(name: string, surroundings: Surroundings) {
    const {
      world,
      chance,
      servers,
      rows,
      heat,
      crowd,
      rules,
      nodes,
      keyspaces = KEYSPACES,
      onRingChange,
    } = surroundings
    this.name = name
    const clock = new ProcessClock(world, chance.between(0, 1e6), chance.between(-5_000, 5_000))
    this.clock = clock
    this.wires = servers.map(() => ({
      world,
      clock,
      chance,
      timeoutMs: TIMEOUT_MS,
      heldUp: 0.003,
      slow: crowd ? 0.03 : 0.01,
      partitionedUntil: 0,
      open: new Set(),
    }))
    this.#heat = heat
    this.#hot = new HotList(clock)
    this.#unheard = heat.unheard()
    const nearCache = createNearCache({ maxBytes: 1 << 16, policy: 'frequency' }, clock)
    // A full cache is choosy: what it does not mean to keep is read at copies too, and gets in now and then all the same.
    if (crowd) nearCache.wants = () => chance.happens(WANTED)
    const near = new NearRung(nearCache, new RecentChanges(clock), clock, rules)
    const member = chance.bytes(6).toString('hex')
    const options = { controls: 'sim:~', member, timeoutMs: TIMEOUT_MS, heartbeatMs: HEARTBEAT_MS, rules }
    const onChanged = (key: string | undefined) => near.changed(key)
    const versions = new FleetVersions(clock, HEARTBEAT_MS)
    const open = (shard: string) => {
      const index = servers.findIndex((server) => server.name === shard)
      const server = servers[index] as SimulatedServer
      const wire = this.wires[index] as Wire
      const wired = new WiredServer(() => server.life, wire)
      const replicas = [{ name: '1', server: new WiredServer(() => server.replica, wire) }]
      return new TierShard(
        { ...options, name: shard },
        { server: wired, replicas, clock, chance, log: silentLog, onChanged, versions },
      )
    }
    this.#store = new RingTier(
      { nodes, heartbeatMs: HEARTBEAT_MS, slices: SLICES, rules },
      {
        shards: nodes.map((node) => open(node.name)),
        onLeft: () => {
          near.overtaken()
          onRingChange()
        },
        mayGoOn: () => true,
        clock,
        log: silentLog,
        rings: RINGS,
      },
    )
    this.#open = async (name) => open(name)
    const origins = new Map(
      keyspaces.flatMap(({ policy }) =>
        policy.origin === undefined ? [] : [[policy.origin, rows.originFor(policy.origin, clock, policy.lagMs)]],
      ),
    )
    const hotKeys = { heat: new Heat(clock, new SeededChance(0)), hot: this.#hot }
    const around = { near, store: this.#store, origins, versions, clock, chance, log: silentLog }
    const parts = { ...around, ...hotKeys, onRung: () => undefined }
    const policies = keyspaces.map(({ policy }) => policy)
    const made = createCache({ env: 'sim', policies, lease: LEASE, maxValueBytes: 10_000, rules }, parts)
    this.cache = made.cache
    this.bumps = made.bumps
  }

  start(): void {
    void this.#store.start()
    this.#hearOfHeat()
  }

  /** Its file lists other nodes now, unless an even newer list has come before. */
  change(number: number, nodes: readonly StatedNode[]): void {
    this.clock.deliver(() => {
      if (number <= this.#list) return
      this.#list = number
      void this.#store.change(nodes, this.#open)
    })
  }

  /** As with each heartbeat, of which some bring nothing. */
  #hearOfHeat(): void {
    const { list, againInMs } = this.#heat.tell(this.#unheard)
    this.#hot.hear('fleet', list)
    this.clock.after(againInMs, () => this.#hearOfHeat())
  }

  /** Ends as it should: the others need not find out. */
  leave(): void {
    this.clock.deliver(() => void this.#store.close())
  }

  /** Gone in mid-sentence: its connections close, and nothing that it was about to do is done. */
  kill(): void {
    this.clock.die()
    for (const wire of this.wires) for (const { cut } of [...wire.open]) cut()
  }
}
