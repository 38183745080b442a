import { silentLog } from '../../src/base/log.ts'
import type { Rules } from '../../src/base/rules.ts'
import type { Cache } from '../../src/cache/cache.ts'
import { createCache } from '../../src/cache/create-cache.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { Ring } from '../../src/ring/ring.ts'
import { RingTier } from '../../src/store/ring-tier.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
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
}

/** One life of a sidecar: the production code over simulated clocks, wires and rows. */
export class SimulatedSidecar {
  readonly name: string
  readonly clock: ProcessClock
  readonly wires: readonly Wire[]
  readonly cache: Cache
  readonly #store: RingTier

  constructor(name: string, { world, chance, servers, rows, rules }: Surroundings) {
    this.name = name
    const clock = new ProcessClock(world, chance.between(0, 1e6), chance.between(-5_000, 5_000))
    this.clock = clock
    this.wires = servers.map(() => ({
      world,
      clock,
      chance,
      timeoutMs: TIMEOUT_MS,
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
    const shards = servers.map((server, index) => {
      const wire = this.wires[index] as Wire
      const wired = new WiredServer(() => server.life, wire)
      const replicas = [{ name: '1', server: new WiredServer(() => server.replica, wire) }]
      const onChanged = (key: string | undefined) => near.changed(key)
      return new TierShard(
        { ...options, name: server.name },
        { server: wired, replicas, clock, chance, log: silentLog, onChanged },
      )
    })
    const ring = new Ring(servers.map((server) => ({ name: server.name, weight: 1 })))
    this.#store = new RingTier(ring, shards)
    const origins = new Map(
      KEYSPACES.flatMap(({ policy }) =>
        policy.origin === undefined ? [] : [[policy.origin, rows.originFor(policy.origin, clock, policy.lagMs)]],
      ),
    )
    const surroundings = { near, store: this.#store, origins, clock, chance, log: silentLog, onRung: () => undefined }
    const policies = KEYSPACES.map(({ policy }) => policy)
    this.cache = createCache({ env: 'sim', policies, lease: LEASE, maxValueBytes: 10_000, rules }, surroundings).cache
  }

  start(): void {
    void this.#store.start()
  }

  /** Gone in mid-sentence: its connections close, and nothing that it was about to do is done. */
  kill(): void {
    this.clock.die()
    for (const wire of this.wires) for (const { cut } of [...wire.open]) cut()
  }
}
