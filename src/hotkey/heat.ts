import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { KeyText } from '../base/key-text.ts'
import { chooseCandidates } from './choose-candidates.ts'
import { type TopKey, TopKeys } from './top-keys.ts'

/** What a shard is told of one key: how often it was read and changed since it was last told of it. */
export interface Candidate {
  /** Its physical name. */
  readonly key: string
  /** Reads of any kind, near hits too. */
  readonly reads: number
  /** Those of them that went on to the shared tier. */
  readonly shardReads: number
  readonly writes: number
}

/** What one shard is told. */
export interface HeatTold {
  readonly shard: string
  /** The keys that live there, none twice. */
  readonly candidates: readonly Candidate[]
  /** Reads that went to this shard since it was last told, of whatever keys. */
  readonly shardReads: number
  /** Those that went to any shard in the same time. */
  readonly allReads: number
  /** Since when that is (monotonic ms). */
  readonly since: number
}

/** How often a key is asked for through this sidecar, per second, as a mean over the last seconds. */
export interface OwnHeat {
  readonly key: string
  readonly readsPerSecond: number
  readonly shardReadsPerSecond: number
  readonly writesPerSecond: number
}

/** What was sent to one shard. */
interface ShardLoad {
  reads: number
  /** Of all shards, when it was last told. */
  allReads: number
  toldAt: number
}

/**
 * Measured on four recorded traces (test/bench/hot-recall.ts): of the keys at least as hot as the hundredth in a window of two
 * half-lives, 512 tracked ones miss none in the window in which those are hottest, and 0 to 7 % in the mean of all windows,
 * where the hottest hundred may change altogether from one to the next; 256 miss up to 20 %.
 */
const TRACKED_KEYS = 512
/** What was hot ten seconds ago counts a quarter. */
const HALF_LIFE_MS = 5_000
/** Time passes in steps of at least this: each is a walk through all counters. */
const LEAST_STEP_MS = 500

/** A shard that was silent for longer is not told of that time: it would take a backlog for a burst. */
const LONGEST_BACKLOG_MS = 10_000

/**
 * What this sidecar's readers and writers ask for most: counted at each read, and told to the shard where a key lives, which
 * adds up what all sidecars tell. A key that is told of is told of completely, so that the sum is right in the mean,
 * whoever tells how often.
 */
export class Heat {
  readonly #clock: Pick<Clock, 'now'>
  readonly #chance: Chance
  readonly #reads: TopKeys
  readonly #shardReads: TopKeys
  readonly #writes: TopKeys
  readonly #shards = new Map<string, ShardLoad>()
  #allReads = 0
  #agedAt: number
  readonly #begunAt: number

  constructor(clock: Pick<Clock, 'now'>, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
    const options = { tracked: TRACKED_KEYS, halfLifeMs: HALF_LIFE_MS, seed: chance.bytes(4).readUInt32LE() }
    this.#reads = new TopKeys(options, chance)
    this.#shardReads = new TopKeys(options, chance)
    this.#writes = new TopKeys(options, chance)
    this.#begunAt = clock.now()
    this.#agedAt = this.#begunAt
  }

  /** Somebody reads the key. */
  read(key: string): void {
    this.#reads.count(key)
  }

  /** The same for a key in two pieces. */
  readText(key: KeyText): void {
    this.#reads.countText(key)
  }

  /** A request for the key, or for a copy of it, leaves for this shard. */
  shardRead(key: string, shard: string): void {
    this.#shardReads.count(key)
    this.#loadOf(shard).reads += 1
    this.#allReads += 1
  }

  /** Somebody changes the key. */
  write(key: string): void {
    this.#writes.count(key)
  }

  /** What to tell this shard now, of the keys that `belongs` says live there; it counts as told. */
  tell(shard: string, belongs: (key: string) => boolean): HeatTold {
    this.#age()
    const sources = { reads: this.#reads.tracked, shardReads: this.#shardReads.tracked }
    const candidates = chooseCandidates(sources, belongs, this.#chance).map((key) => this.#told(key))
    const load = this.#loadOf(shard)
    const told = {
      shard,
      candidates,
      shardReads: load.reads,
      allReads: this.#allReads - load.allReads,
      since: load.toldAt,
    }
    load.reads = 0
    load.allReads = this.#allReads
    load.toldAt = this.#clock.now()
    return told
  }

  /** Nobody heard it: it is told again, as far as it is still tracked and not too old. */
  untold({ shard, candidates, shardReads, allReads, since }: HeatTold): void {
    if (this.#clock.now() - since > LONGEST_BACKLOG_MS) return
    for (const { key, reads, shardReads: ofKey, writes } of candidates) {
      addTo(this.#reads.find(key), reads)
      addTo(this.#shardReads.find(key), ofKey)
      addTo(this.#writes.find(key), writes)
    }
    const load = this.#loadOf(shard)
    load.reads += shardReads
    load.allReads -= allReads
    load.toldAt = Math.min(load.toldAt, since)
  }

  /** The keys that are read most through this sidecar, the hottest first. */
  hottest(limit: number): readonly OwnHeat[] {
    this.#age()
    const keys = new Set([...this.#reads.tracked, ...this.#shardReads.tracked].map(({ key }) => key))
    return [...keys]
      .map((key) => this.#ownHeat(key))
      .sort((a, b) => b.readsPerSecond - a.readsPerSecond)
      .slice(0, limit)
  }

  #told(key: string): Candidate {
    const shardReads = emptied(this.#shardReads.find(key))
    // A key may be hot in the tier and not among all reads: those that it had are known all the same.
    const reads = Math.max(emptied(this.#reads.find(key)), shardReads)
    return { key, reads, shardReads, writes: emptied(this.#writes.find(key)) }
  }

  #ownHeat(key: string): OwnHeat {
    const shardReadsPerSecond = this.#shardReads.find(key)?.perSecond ?? 0
    const readsPerSecond = Math.max(this.#reads.find(key)?.perSecond ?? 0, shardReadsPerSecond)
    return { key, readsPerSecond, shardReadsPerSecond, writesPerSecond: this.#writes.find(key)?.perSecond ?? 0 }
  }

  #loadOf(shard: string): ShardLoad {
    const known = this.#shards.get(shard)
    if (known !== undefined) return known
    const load = { reads: 0, allReads: 0, toldAt: this.#begunAt }
    this.#shards.set(shard, load)
    return load
  }

  #age(): void {
    const elapsedMs = this.#clock.now() - this.#agedAt
    if (elapsedMs < LEAST_STEP_MS) return
    this.#agedAt += elapsedMs
    for (const keys of [this.#reads, this.#shardReads, this.#writes]) keys.age(elapsedMs)
    // Writes are told beside reads of the same time: those from before a key was read much would make it look write-hot.
    for (const written of this.#writes.tracked) {
      const isRead = this.#reads.find(written.key) ?? this.#shardReads.find(written.key)
      if (isRead === undefined) written.pending = 0
    }
  }
}

function emptied(key: TopKey | undefined): number {
  if (key === undefined) return 0
  const { pending } = key
  key.pending = 0
  return pending
}

function addTo(key: TopKey | undefined, count: number): void {
  if (key !== undefined) key.pending += count
}
