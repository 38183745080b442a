import { silentLog } from '../../src/base/log.ts'
import type { Rules } from '../../src/base/rules.ts'
import { Backlogs } from '../../src/cache/backlogs.ts'
import { createCache } from '../../src/cache/create-cache.ts'
import { FlushRound } from '../../src/cache/flush-round.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { backlogNames } from '../../src/store/backlog.ts'
import { packerIn } from '../../src/store/packing/packer-part.ts'
import { RingTier } from '../../src/store/ring-tier.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { policyOf } from '../keyspace/policy-of.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { BehindTable } from './behind-table.ts'
import { HEARTBEAT_MS } from './keyspaces.ts'
import { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import { type Wire, WiredServer } from './simulated-line.ts'
import type { SimulatedServer } from './simulated-server.ts'

const SHARD_TIMEOUT_MS = 250
const LEASE_MS = 1_500
const BEHIND = {
  consistency: 'tolerant',
  writes: 'write-behind',
  maxBacklog: 10_000,
  near: false,
  origin: 'scripted',
} as const
const COMMON = { ...BEHIND, boundMs: 60_000, ttlMs: 3_000, negativeTtlMs: 3_000, jitter: 0.1 }
const POLICIES = [policyOf({ name: 'notes', ...COMMON }), policyOf({ name: 'sums', kind: 'counter', ...COMMON })]

export interface BehindSurroundings {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly servers: readonly SimulatedServer[]
  readonly table: BehindTable
  readonly rules: Rules
}

/** One life of a sidecar, as far as its table hears of changes later: production code from the use case to the shards. */
export class BehindSidecar {
  readonly name: string
  readonly clock: ProcessClock
  readonly wires: readonly Wire[]
  readonly #store: RingTier
  readonly #cache: ReturnType<typeof createCache>['cache']
  readonly #backlogs: Backlogs

  constructor(name: string, { world, chance, servers, table, rules }: BehindSurroundings) {
    this.name = name
    const clock = new ProcessClock(world, chance.between(0, 1e6), chance.between(-5_000, 5_000))
    this.clock = clock
    const network = { heldUp: 0.01, slow: 0.05, partitionedUntil: 0 }
    this.wires = servers.map(() => ({ world, clock, chance, timeoutMs: SHARD_TIMEOUT_MS, ...network, open: new Set() }))
    const member = chance.bytes(6).toString('hex')
    const options = { controls: 'sim:~', member, timeoutMs: SHARD_TIMEOUT_MS, heartbeatMs: HEARTBEAT_MS, rules }
    const shards = servers.map((server, index) => {
      const wired = new WiredServer(() => server.life, this.wires[index] as Wire)
      const parts = { server: wired, clock, chance, log: silentLog, onChanged: () => undefined }
      return new TierShard({ ...options, name: server.name }, parts)
    })
    const nodes = servers.map((server) => ({ name: server.name, weight: 1, state: 'active' as const }))
    const quiet = { onLeft: () => undefined, mayGoOn: () => true, log: silentLog }
    this.#store = new RingTier({ nodes, heartbeatMs: HEARTBEAT_MS, rules }, { ...quiet, shards, clock })
    const origins = new Map([['scripted', table.originFor(clock)]])
    const packer = packerIn({ clock, log: silentLog })
    const parts = { store: this.#store, origins, clock, chance, log: silentLog, packer }
    const near = new NearRung(
      createNearCache({ maxBytes: 0, policy: 'lru' }, clock),
      new RecentChanges(clock),
      clock,
      rules,
    )
    const counting = { heat: new Heat(clock, chance), hot: new HotList(clock), onRung: () => undefined }
    const cached = { env: 'sim', policies: POLICIES, lease: { ttlMs: 1_000, waitMs: 500 }, maxValueBytes: 1_000, rules }
    const { cache, otherVersions } = createCache(cached, { ...parts, near, ...counting })
    this.#cache = cache
    const names = backlogNames('sim')
    const round = new FlushRound({ names, policies: POLICIES, batchOf: () => 5, rules }, { ...parts, otherVersions })
    this.#backlogs = new Backlogs(
      { names, leaseTtlMs: LEASE_MS },
      { ...parts, round, shards: () => this.#store.shards },
    )
  }

  start(): void {
    void this.#store.start()
    this.#backlogs.start()
  }

  /** Resolves with the version. */
  async write(key: string, text: string): Promise<number> {
    const name = `sim:notes:v1::${key}`
    const subject = { keyspace: 'notes', tenant: '', key }
    const place = { backlog: backlogNames('sim').backlog, maxBacklog: 10_000, subject }
    const put = { key: name, ...place, kind: 'value', value: Buffer.from(text) } as const
    const { version } = await this.#store.home(name).change(name, 'putBehind', (now) => ({ ...now, ...put }))
    return version
  }

  async add(key: string): Promise<bigint> {
    return this.#cache.increment({ keyspace: 'sums', key, tenant: '', delta: 1n, initial: 0n, requestId: '' })
  }

  /** Flushes what it can, and is gone then. */
  leave(): void {
    void this.#backlogs.drain(1_000).then(() => this.kill())
  }

  kill(): void {
    this.clock.die()
    for (const wire of this.wires) for (const { cut } of [...wire.open]) cut()
  }
}
