import type { Clock } from '../base/clock.ts'
import { pause } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ALL_RULES, type Rules } from '../base/rules.ts'
import { copyName } from '../keyspace/physical-key.ts'
import type { Ring } from '../ring/ring.ts'
import { Rings } from '../ring/rings.ts'
import { sliceHash } from '../ring/slice-hash.ts'
import { CopyPlaces } from './copy-places.ts'
import { HomeShard, type HomeShardParts, type Homes } from './ring/home-shard.ts'
import { RingAlarm } from './ring/ring-alarm.ts'
import { RingCourse } from './ring/ring-course.ts'
import { planOf, type StatedNode } from './ring/ring-plan.ts'
import type { Shard } from './shard.ts'
import type { CopyPlace, Tier } from './tier.ts'

export interface RingTierOptions {
  readonly nodes: readonly StatedNode[]
  readonly heartbeatMs: number
  /** In so many steps the reads move over to another ring; 16 unless given. */
  readonly slices?: number
  readonly rules?: Rules
}

export interface RingTierParts {
  /** Of every node. */
  readonly shards: readonly Shard[]
  /** What was read at homes that some keys have left may be under way still: it must not be kept. */
  readonly onLeft: () => void
  /** Whether the origins have room for the reads of a further slice of the keys at homes that hold nothing yet. */
  readonly mayGoOn: () => boolean
  readonly clock: Clock
  readonly log: Log
  readonly rings?: Rings
}

const SLICES = 16

/**
 * A tier of independent shards on a consistent-hash ring, which can change while it is used: see `ring/ring-course.ts` for
 * by which ring this sidecar reads and to which it writes meanwhile.
 */
export class RingTier implements Tier {
  readonly #options: Required<RingTierOptions>
  readonly #parts: RingTierParts
  readonly #rings: Rings
  readonly #course: RingCourse
  readonly #shards = new Map<string, Shard>()
  readonly #homes = new Map<string, HomeShard>()
  readonly #alarm: RingAlarm
  readonly #copies = new CopyPlaces((key, count, ring: Ring) => ring.homeAndNext(key, count).slice(1))
  #nodes: readonly StatedNode[]
  #changing: Promise<void> = Promise.resolve()
  #isClosed = false

  /** Throws a `RangeError` when the nodes make no ring, or one of them has no shard. */
  constructor(options: RingTierOptions, parts: RingTierParts) {
    const { nodes, heartbeatMs, slices = SLICES, rules = ALL_RULES } = options
    this.#options = { ...options, slices, rules }
    this.#parts = parts
    this.#nodes = nodes
    this.#rings = parts.rings ?? new Rings()
    this.#alarm = new RingAlarm(parts)
    this.#course = new RingCourse(planOf(nodes, this.#rings), {
      ...parts,
      rings: this.#rings,
      heartbeatMs,
      slices,
      rules,
      onLeft: (ring) => this.#left(ring),
    })
    for (const shard of parts.shards) this.#add(shard)
    for (const { name } of nodes) {
      if (!this.#shards.has(name)) throw new RangeError(`ring node ${name} has no shard`)
    }
  }

  get shards(): readonly Shard[] {
    return [...this.#shards.values()]
  }

  /** The nodes that are configured. */
  get nodes(): readonly StatedNode[] {
    return this.#nodes
  }

  /** The ring that keys are read by, or will be as soon as that is known. */
  get ring(): Ring {
    return this.#course.reads ?? this.#course.next?.ring ?? this.#course.plan.before
  }

  /** For how long any live sidecar has been reading by another ring than this one, or been aiming at another; 0 = none is. */
  get differMs(): number {
    return this.#alarm.differMs
  }

  /** How much of a change this sidecar has behind it: 1 = it reads by the configured ring alone. */
  get movedShare(): number {
    const { reads, next, plan } = this.#course
    if (next !== undefined) return next.slices / (this.#options.slices + 1)
    return reads?.hash === plan.after.hash ? 1 : 0
  }

  home(key: string): Shard {
    const { reads } = this.#homesOf(key)
    // Where there is none, any will say so.
    return (this.#homes.get(reads?.name ?? '') ?? this.#homes.values().next().value) as Shard
  }

  agrees(key: string): boolean {
    const { needed } = this.#course
    const first = needed[0]?.home(key)
    return needed.every((ring) => ring.home(key) === first)
  }

  copy(key: string, number: number): CopyPlace | undefined {
    const ring = this.#readBy(key)
    if (ring === undefined || number >= ring.nodes.length) return undefined
    const shard = this.#shards.get(this.#copies.at(key, number, ring) ?? '')
    return shard && { name: copyName(key, number), shard }
  }

  get mostCopies(): number {
    return this.ring.nodes.length - 1
  }

  async start(): Promise<void> {
    const { clock } = this.#parts
    const { heartbeatMs } = this.#options
    await Promise.all(this.shards.map((shard) => shard.start()))
    // Until it is known by which ring to read, nothing can be read; a shard that cannot be reached is not waited for longer.
    const giveUpAt = clock.now() + 3 * heartbeatMs
    while (this.#course.reads === undefined && this.#isHeard() && clock.now() < giveUpAt) {
      await pause(clock, heartbeatMs / 8)
      this.#course.review()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#changing
    await Promise.all(this.shards.map((shard) => shard.close()))
  }

  /**
   * Takes another list of nodes: has the shards opened that are new, starts them, and goes over to the ring of the list when all sidecars
   * have it. Resolves when what is new is open, not when it is in use. Rejects with `CONFIG_INVALID`, and changes nothing,
   * when the list makes no ring.
   */
  change(nodes: readonly StatedNode[], open: (name: string) => Promise<Shard>): Promise<void> {
    const changed = this.#changing.then(() => this.#change(nodes, open))
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async #change(nodes: readonly StatedNode[], open: (name: string) => Promise<Shard>): Promise<void> {
    const plan = planOf(nodes, this.#rings)
    const added = nodes.filter(({ name }) => !this.#shards.has(name))
    const opened = await Promise.all(added.map(({ name }) => open(name)))
    if (this.#isClosed) {
      await Promise.all(opened.map((shard) => shard.close()))
      return
    }
    this.#nodes = nodes
    for (const shard of opened) {
      this.#add(shard)
      void shard.start()
    }
    this.#course.change(plan)
    this.#watch()
  }

  #add(shard: Shard): void {
    const parts: HomeShardParts = {
      homes: (key) => this.#homesOf(key),
      mayRead: (name, key) => this.#homesOf(key).reads?.name === name,
      leastVersion: (name, key) => this.#course.leastVersion(name, key),
    }
    this.#shards.set(shard.name, shard)
    this.#homes.set(shard.name, new HomeShard(shard, parts))
    this.#course.add({ name: shard.name, board: shard.board, isUp: () => shard.state().up })
    shard.board.onHeard(() => this.#watch())
  }

  #homesOf(key: string): Homes {
    const { written } = this.#course
    const ring = this.#readBy(key)
    const name = ring?.home(key)
    const reads =
      ring !== undefined && this.#course.permits(name ?? '', ring) ? this.#shards.get(name ?? '') : undefined
    const first = written[0]
    if (written.length === 1 && first === ring && reads !== undefined)
      return { reads, all: [reads], missing: undefined }
    const everywhere = this.#options.rules.everyHome ? written : [this.#course.plan.after]
    const names = [...new Set(everywhere.map((one) => one.home(key)))]
    return {
      reads,
      all: names.flatMap((one) => this.#shards.get(one) ?? []),
      missing: names.find((one) => !this.#shards.has(one)),
    }
  }

  /** The ring that says where a key is read: one after another they move from the present one to the next. */
  #readBy(key: string): Ring | undefined {
    const { reads, next } = this.#course
    if (reads === undefined || next === undefined || next.slices === 0) return reads
    const { slices } = this.#options
    const isMoved = next.slices >= slices || sliceHash(key) % slices < next.slices
    return isMoved || !this.#shards.has(reads.home(key)) ? next.ring : reads
  }

  #left(ring: Ring): void {
    for (const { name } of ring.nodes) this.#shards.get(name)?.unprove()
    this.#parts.onLeft()
  }

  #isHeard(): boolean {
    return this.shards.some((shard) => shard.state().up)
  }

  /** What follows from where the rings are: an alarm, or the end of shards that no ring has any more. */
  #watch(): void {
    this.#alarm.watch(this.#course.isApart, () => ({ ring: this.ring.hash, aims: this.#course.plan.after.hash }))
    this.#dismiss()
  }

  #dismiss(): void {
    const needed = new Set(this.#nodes.map(({ name }) => name))
    for (const ring of this.#course.written) for (const { name } of ring.nodes) needed.add(name)
    for (const [name, shard] of this.#shards) {
      if (needed.has(name) || (shard.state().up && (shard.stats().journal?.keys ?? 0) > 0)) continue
      this.#course.remove(name)
      this.#shards.delete(name)
      this.#homes.delete(name)
      this.#parts.log.info({ shard: name }, 'shard has left the ring')
      void shard.close()
    }
  }
}
