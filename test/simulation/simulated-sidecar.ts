import { silentLog } from '../../src/base/log.ts'
import type { Rules } from '../../src/base/rules.ts'
import type { Cache } from '../../src/cache/cache.ts'
import { createCache } from '../../src/cache/create-cache.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { Rings } from '../../src/ring/rings.ts'
import type { StatedNode } from '../../src/store/ring/ring-plan.ts'
import { RingTier } from '../../src/store/ring-tier.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { HEARTBEAT_MS, KEYSPACES } from './keyspaces.ts'
import { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import { type Wire, WiredServer } from './simulated-line.ts'
import type { SimulatedRows } from './simulated-rows.ts'
import type { SimulatedServer } from './simulated-server.ts'

const TIMEOUT_MS = 250
const LEASE = { ttlMs: 1_000, waitMs: 600 }

export interface Surroundings {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly servers: readonly SimulatedServer[]
  readonly rows: SimulatedRows
  readonly rules: Rules
  /** The nodes as this sidecar's file lists them when it starts. */
  readonly nodes: readonly StatedNode[]
  /** It has left a ring for another. */
  readonly onRingChange: () => void
}

/** Rings take milliseconds to make: each is made once for all sidecars of all worlds. */
const RINGS = new Rings()
/** Fewer steps than in production, so that a change is over in seconds. */
const SLICES = 3

/** One life of a sidecar: the production code over simulated clocks, wires and rows. */
export class SimulatedSidecar {
  readonly name: string
  readonly clock: ProcessClock
  readonly wires: readonly Wire[]
  readonly cache: Cache
  readonly #store: RingTier
  #list = 0
  readonly #open: (shard: string) => Promise<TierShard>

  constructor(name: string, { world, chance, servers, rows, rules, nodes, onRingChange }: Surroundings) {
    this.name = name
    const clock = new ProcessClock(world, chance.between(0, 1e6), chance.between(-5_000, 5_000))
    this.clock = clock
    this.wires = servers.map(() => ({
      world,
      clock,
      chance,
      timeoutMs: TIMEOUT_MS,
      heldUp: 0.003,
      slow: 0.01,
      partitionedUntil: 0,
      open: new Set(),
    }))
    const near = new NearRung(
      createNearCache({ maxBytes: 1 << 16, policy: 'frequency' }, clock),
      new RecentChanges(clock),
      clock,
      rules,
    )
    const member = chance.bytes(6).toString('hex')
    const options = { controls: 'sim:~', member, timeoutMs: TIMEOUT_MS, heartbeatMs: HEARTBEAT_MS, rules }
    const onChanged = (key: string | undefined) => near.changed(key)
    const open = (shard: string) => {
      const index = servers.findIndex((server) => server.name === shard)
      const server = servers[index] as SimulatedServer
      const wire = this.wires[index] as Wire
      const wired = new WiredServer(() => server.life, wire)
      const replicas = [{ name: '1', server: new WiredServer(() => server.replica, wire) }]
      return new TierShard(
        { ...options, name: shard },
        { server: wired, replicas, clock, chance, log: silentLog, onChanged },
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
      KEYSPACES.flatMap(({ policy }) =>
        policy.origin === undefined ? [] : [[policy.origin, rows.originFor(policy.origin, clock, policy.lagMs)]],
      ),
    )
    const heat = new Heat(clock, new SeededChance(0))
    const around = { near, store: this.#store, origins, heat, clock, chance, log: silentLog }
    const surroundings = { ...around, onRung: () => undefined }
    const policies = KEYSPACES.map(({ policy }) => policy)
    this.cache = createCache({ env: 'sim', policies, lease: LEASE, maxValueBytes: 10_000, rules }, surroundings).cache
  }

  start(): void {
    void this.#store.start()
  }

  /** Its file lists other nodes now, unless an even newer list has come before. */
  change(number: number, nodes: readonly StatedNode[]): void {
    this.clock.deliver(() => {
      if (number <= this.#list) return
      this.#list = number
      void this.#store.change(nodes, this.#open)
    })
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
