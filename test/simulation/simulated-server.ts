import type { Rules } from '../../src/base/rules.ts'
import { MemoryServer, type MemorySnapshot } from '../../src/store/memory/memory-server.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { Scheduler } from './scheduler.ts'

const SNAPSHOT_EVERY_MS = 100
const SNAPSHOTS = 150

/** One life of a server: a process with its memory. It may go on as a ghost after another has taken its place. */
export interface ServerLife {
  readonly memory: MemoryServer
  /** Moment of the world up to which it does not run anything. */
  frozenUntil: number
  /** It has no replica any more and takes no writes; what it has it still answers. */
  refusesWrites: boolean
  /** Those who are connected are told, each once, when it goes. */
  readonly onGone: Set<() => void>
}

/** The address of a shard's primary, and the memory behind it, which failovers and restarts set back in time. */
export class SimulatedServer {
  readonly name: string
  readonly #world: Scheduler
  readonly #chance: SeededChance
  readonly #rules: Rules
  #snapshots: { readonly at: number; readonly snapshot: MemorySnapshot }[] = []
  #life: ServerLife
  #lives = 0
  readonly #replica: ServerLife
  /** How far the replica is behind, and the moment that it shows. */
  #lagMs = 0
  #replicatedTo = 0

  constructor(name: string, world: Scheduler, chance: SeededChance, rules: Rules) {
    this.name = name
    this.#world = world
    this.#chance = chance
    this.#rules = rules
    this.#life = this.#born(undefined)
    this.#replica = this.#born(undefined)
    this.#keepSnapshots()
  }

  /** Who answers at the address now; `undefined` while nobody does. */
  get life(): ServerLife {
    return this.#life
  }

  /** Its replica, which shows what the primary had a moment ago, or longer. */
  get replica(): ServerLife {
    return this.#replica
  }

  /** Dies, and comes back with what it had `lostMs` ago, or earlier. */
  restart(lostMs: number): void {
    const gone = this.#life
    this.#life = this.#born(this.#memoryOf(lostMs))
    end(gone)
  }

  /**
   * Its replicas stop following it; after a while it takes no writes, and another takes its place, who has what it had
   * when they stopped. Who is connected to it stays so for up to `ghostMs`.
   */
  failOver({ deafForMs, ghostMs }: { readonly deafForMs: number; readonly ghostMs: number }): void {
    const old = this.#life
    const memory = old.memory.snapshot()
    // min-replicas-max-lag 1: within two seconds of losing its replica a primary refuses writes.
    this.#world.plan(Math.min(deafForMs, this.#chance.between(1_000, 1_200)), () => {
      old.refusesWrites = true
    })
    this.#world.plan(deafForMs, () => {
      if (this.#life !== old) return
      this.#life = this.#born(memory)
      this.#world.plan(ghostMs, () => end(old))
    })
  }

  /** The same process goes on without anything in it but holds and intents, which nobody remembers for it. */
  flush(): void {
    const { memory } = this.#life
    const held = [...memory.snapshot().entries].filter(
      ([, { record }]) => record.holdUntilMs > 0 || record.intents.length > 0,
    )
    memory.flush()
    memory.restore({ ...memory.snapshot(), entries: new Map(held) })
  }

  freeze(ms: number): void {
    this.#life.frozenUntil = Math.max(this.#life.frozenUntil, this.#world.now + ms)
  }

  #born(memory: MemorySnapshot | undefined): ServerLife {
    this.#lives += 1
    const skewMs = this.#chance.between(-5_000, 5_000)
    const born = new MemoryServer({
      maxBytes: 1 << 22,
      timeUs: () => (1_700_000_000_000 + this.#world.now + skewMs) * 1_000,
      runId: `${this.name}-${this.#lives}`,
      rules: this.#rules,
    })
    if (memory !== undefined) born.restore(memory)
    return { memory: born, frozenUntil: 0, refusesWrites: false, onGone: new Set() }
  }

  #replicate(): void {
    if (this.#chance.happens(0.1))
      this.#lagMs = this.#chance.happens(0.3) ? this.#chance.between(0, 4_000) : this.#chance.between(0, 200)
    const shown = this.#snapshots.findLast(({ at }) => at <= this.#world.now - this.#lagMs)
    if (shown === undefined || shown.at <= this.#replicatedTo) return
    this.#replicatedTo = shown.at
    this.#replica.memory.restore(shown.snapshot)
  }

  #memoryOf(lostMs: number): MemorySnapshot | undefined {
    const before = this.#world.now - lostMs
    const kept = this.#snapshots.filter(({ at }) => at <= before)
    const chosen = kept.at(-1)
    // What came after it has never been.
    this.#snapshots = kept
    return chosen?.snapshot
  }

  #keepSnapshots(): void {
    this.#world.plan(SNAPSHOT_EVERY_MS, () => {
      this.#snapshots.push({ at: this.#world.now, snapshot: this.#life.memory.snapshot() })
      if (this.#snapshots.length > SNAPSHOTS) this.#snapshots.shift()
      this.#replicate()
      this.#keepSnapshots()
    })
  }
}

function end(life: ServerLife): void {
  for (const gone of [...life.onGone]) gone()
  life.onGone.clear()
}
