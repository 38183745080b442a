import type { Clock } from '../base/clock.ts'
import type { Heat } from '../hotkey/heat.ts'
import type { HotList } from '../hotkey/hot-list.ts'
import type { Turns } from '../hotkey/turns.ts'
import type { Found } from '../store/shard.ts'
import type { CopyPlace, Tier } from '../store/tier.ts'
import type { CopyFills } from './copy-fills.ts'
import { type Landing, landed, type RungObserver } from './landing.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { TagStamps } from './tag-stamps.ts'

export interface CopyRungParts {
  readonly hot: Pick<HotList, 'copies'>
  readonly heat: Heat
  readonly turns: Turns
  readonly fills: CopyFills
  readonly store: Tier
  readonly near: NearRung
  readonly stamps: TagStamps
  readonly clock: Clock
  readonly onRung: RungObserver
}

/**
 * Why a copy does not answer a reader. `old`: others may want less. `overtaken`: the reader knows of a newer version, or
 * this sidecar has heard of a change since. `trouble`: its shard gave no answer.
 */
type Unfit = 'missing' | 'old' | 'overtaken' | 'trouble'

/** A shard that gave no answer for a copy is asked for none for so long: a reader who meets it loses time. */
const REST_MS = 1_000

/**
 * The rung of hot keys: their copies on other shards. A copy says itself as of when it is current, so it is as good as
 * that whatever has become of the key since; what changes the key takes its copies away, but nothing relies on it.
 */
export class CopyRung {
  readonly #parts: CopyRungParts
  /** Until when shards are not asked, by name. */
  readonly #resting = new Map<string, number>()

  constructor(parts: CopyRungParts) {
    this.#parts = parts
  }

  /**
   * A copy's answer, where the key is hot, it is a copy's turn and what that has is good enough; else `undefined`, and
   * where the copy had nothing to offer it is filled behind. Never rejects.
   */
  read(lookup: Lookup): Promise<Landing | undefined> | undefined {
    const place = this.#turn(lookup)
    return place && this.#readAndFill(lookup, place)
  }

  /** The same when the home shard gives no answer: any copy will do, and none can be filled. */
  readAnyway(lookup: Lookup): Promise<Landing | undefined> | undefined {
    const copies = this.#copiesFor(lookup)
    return copies === 0 ? undefined : this.#readAny(lookup, copies)
  }

  async #readAny(lookup: Lookup, copies: number): Promise<Landing | undefined> {
    for (let number = copies; number > 0; number -= 1) {
      const place = this.#place(lookup, number)
      const read = place && (await this.#read(lookup, place))
      if (typeof read === 'object') return read
    }
    return undefined
  }

  /** Where the next read of a key goes: the home shard first, then one copy after the other. */
  #turn(lookup: Lookup): CopyPlace | undefined {
    const copies = this.#copiesFor(lookup)
    // What is to be kept near comes from the home shard, which tells when it changes.
    if (copies === 0 || this.#parts.near.wants(lookup)) return undefined
    return this.#place(lookup, this.#parts.turns.next(lookup.physicalKey, copies + 1))
  }

  /** How many there are for a reader who takes something older than now. */
  #copiesFor({ physicalKey, notBefore, begunAt }: Lookup): number {
    return notBefore < begunAt ? this.#parts.hot.copies(physicalKey) : 0
  }

  #place({ physicalKey }: Lookup, number: number): CopyPlace | undefined {
    const place = number === 0 ? undefined : this.#parts.store.copy(physicalKey, number)
    return place === undefined || this.#rests(place) ? undefined : place
  }

  #rests({ shard }: CopyPlace): boolean {
    return !shard.state().up || (this.#resting.get(shard.name) ?? 0) > this.#parts.clock.now()
  }

  async #readAndFill(lookup: Lookup, place: CopyPlace): Promise<Landing | undefined> {
    const read = await this.#read(lookup, place)
    if (typeof read === 'object') return read
    if (read === 'missing' || read === 'overtaken') this.#parts.fills.fill(lookup, place, read)
    return undefined
  }

  async #read(lookup: Lookup, place: CopyPlace): Promise<Landing | Unfit> {
    const { near, heat, clock, onRung } = this.#parts
    const mark = near.mark()
    heat.shardRead(lookup.physicalKey, place.shard.name)
    const found = await this.#found(place)
    if (typeof found === 'string') return found
    onRung('copy', clock.now() - found.sentAt)
    if (found.entry.version < lookup.leastVersion || found.asOf < near.changedAt(lookup.physicalKey)) return 'overtaken'
    if (found.asOf < lookup.notBefore) return 'old'
    const judged = found.entry.tags === undefined ? found : await this.#judged(lookup, found)
    if (typeof judged === 'string') return judged
    near.admit(lookup, found, mark)
    return landed(judged, 'copy', clock.now())
  }

  async #judged(lookup: Lookup, found: Found): Promise<Found | Unfit> {
    try {
      return (await this.#parts.stamps.judge(lookup, found)) ?? 'overtaken'
    } catch {
      // The home shard's rung says what becomes of a reader to whom a tag's shard does not tell.
      return 'old'
    }
  }

  async #found({ name, shard }: CopyPlace): Promise<Found | Unfit> {
    try {
      return (await shard.readCopy(name, { notBefore: Number.NEGATIVE_INFINITY })) ?? 'missing'
    } catch {
      this.#resting.set(shard.name, this.#parts.clock.now() + REST_MS)
      return 'trouble'
    }
  }
}
