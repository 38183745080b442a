import { silentLog } from '../../src/base/log.ts'
import type { Rules } from '../../src/base/rules.ts'
import { AdaptiveLimit } from '../../src/guard/adaptive-limit.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { FleetShare } from '../../src/store/fleet-share.ts'
import { RingTier } from '../../src/store/ring-tier.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import { HEARTBEAT_MS } from './keyspaces.ts'
import { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedDatabase } from './simulated-database.ts'
import { type Wire, WiredServer } from './simulated-line.ts'
import type { SimulatedServer } from './simulated-server.ts'

const SHARD_TIMEOUT_MS = 250
const QUERY_TIMEOUT_MS = 400
const MOST_WAITING = 10

const NEVER_OPENS = {
  name: 'database',
  failureRatio: 1,
  consecutiveFailures: 1e9,
  minimumCalls: 1e9,
  windowMs: 1_000,
  openForMs: 1_000,
  jitter: 0,
  slow: undefined,
}

export interface BudgetSurroundings {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly servers: readonly SimulatedServer[]
  readonly database: SimulatedDatabase
  readonly limit: number
  readonly fleet: number
  readonly network: Pick<Wire, 'heldUp' | 'slow'>
  readonly rules: Rules
}

/** One life of a sidecar, as far as it loads from a database: production code from the guard to the shards. */
export class BudgetSidecar {
  readonly name: string
  readonly clock: ProcessClock
  readonly wires: readonly Wire[]
  /** Queries that were answered. */
  answered = 0
  readonly #chance: SeededChance
  readonly #database: SimulatedDatabase
  readonly #store: RingTier
  readonly #guard: Guard
  readonly #share: FleetShare
  #everyMs = 10

  constructor(name: string, { world, chance, servers, database, limit, fleet, network, rules }: BudgetSurroundings) {
    this.name = name
    this.#chance = chance
    this.#database = database
    const clock = new ProcessClock(world, chance.between(0, 1e6), chance.between(-5_000, 5_000))
    this.clock = clock
    const wire = { world, clock, chance, timeoutMs: SHARD_TIMEOUT_MS, ...network, partitionedUntil: 0 }
    this.wires = servers.map(() => ({ ...wire, open: new Set() }))
    const member = chance.bytes(6).toString('hex')
    const options = { controls: 'sim:~', member, timeoutMs: SHARD_TIMEOUT_MS, heartbeatMs: HEARTBEAT_MS, rules }
    const shards = servers.map((server, index) => {
      const wired = new WiredServer(() => server.life, this.wires[index] as Wire)
      const parts = { server: wired, clock, chance, log: silentLog, onChanged: () => undefined }
      return new TierShard({ ...options, name: server.name }, { ...parts, onBeat: (shard) => this.#share.beat(shard) })
    })
    const nodes = servers.map((server) => ({ name: server.name, weight: 1, state: 'active' as const }))
    const quiet = { onLeft: () => undefined, mayGoOn: () => true, log: silentLog }
    this.#store = new RingTier({ nodes, heartbeatMs: HEARTBEAT_MS, rules }, { ...quiet, shards, clock })
    const classify = () => 'failure' as const
    const breaker = new ClockedBreaker(NEVER_OPENS, { clock, chance, classify })
    this.#guard = new Guard(
      { name: 'database', timeoutMs: QUERY_TIMEOUT_MS, maxConcurrent: limit, maxWaiting: MOST_WAITING },
      {
        clock,
        breaker,
        limit: new AdaptiveLimit({ floor: limit, ceiling: limit }, { clock, classify }),
      },
    )
    const asking = { origin: 'database', key: 'sim:~budget:database', member, limit, fleet, heartbeatMs: HEARTBEAT_MS }
    this.#share = new FleetShare(
      { ...asking, timeoutMs: QUERY_TIMEOUT_MS, rules },
      {
        tier: this.#store,
        clock,
        log: silentLog,
        demand: () => this.#guard.demand(),
        apply: (share) => this.#guard.setShare(share),
      },
    )
  }

  start(): void {
    void this.#store.start()
    void this.#share.start()
    this.#changeMind()
    this.#load()
  }

  /** Callers that load all the time, so that the limit is always wanted. */
  press(): void {
    this.#everyMs = 2
    this.#changeMind = () => undefined
  }

  /** Gives its share back, as far as it may, and is gone then. */
  leave(): void {
    void this.#share.close().then(() => this.kill())
  }

  kill(): void {
    this.clock.die()
    for (const wire of this.wires) for (const { cut } of [...wire.open]) cut()
  }

  /** Callers come and go: now none, now more than the database can bear. */
  #changeMind = (): void => {
    this.#everyMs = this.#chance.pick([10, 25, 100, 2_000])
    this.clock.after(this.#chance.between(500, 4_000), () => this.#changeMind())
  }

  #load(): void {
    const client = { name: this.name, clock: this.clock, timeoutMs: QUERY_TIMEOUT_MS }
    this.#guard
      .run((context) => this.#database.query(client, context))
      .then(
        () => {
          this.answered += 1
        },
        () => undefined,
      )
    this.#share.press()
    const dueMs = this.#chance.between(0, 2 * this.#everyMs)
    this.clock.after(dueMs, () => this.#load())
  }
}
