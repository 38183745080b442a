import type { Clock } from '../base/clock.ts'
import type { Rules } from '../base/rules.ts'
import type { TagRef } from '../base/tag-ref.ts'
import { tagName } from '../keyspace/physical-key.ts'
import { decodeEpochs } from '../store/epoch.ts'
import type { Found, ShardRead } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import { knownUntil, type TagStamp } from './tag-states.ts'

export interface TagStampsParts {
  readonly store: Tier
  readonly near: NearRung
  readonly clock: Clock
  readonly rules: Rules
}

/** For whom it is judged whether a value still counts. */
export type TagReader = Pick<Lookup, 'policy' | 'physicalKey' | 'notBefore'>

/** A read of one tag's record that is under way. */
interface Reading {
  readonly sentAt: number
  readonly stamp: Promise<TagStamp | undefined>
}

/**
 * Whether what carries tags still counts: only if each of its tags has a record, made in the life of the tag's shard in
 * which the value was loaded, whose stamp lies before the load. A tag without a record may have been invalidated a moment
 * ago. What was read of a tag is kept near, like what is read of a key, and as current as that.
 */
export class TagStamps {
  readonly #parts: TagStampsParts
  readonly #readings = new Map<string, Reading>()

  constructor(parts: TagStampsParts) {
    this.#parts = parts
  }

  /**
   * What was found, as current as it and its tags are known to be; `undefined` where a tag has overtaken it. Rejects with
   * `SHARD_UNAVAILABLE` where the shard of a tag does not tell.
   */
  async judge(reader: TagReader, found: Found): Promise<Found | undefined> {
    const { tags } = found.entry
    if (tags === undefined) return found
    const asOf = await this.asOf(reader, tags)
    return asOf === undefined ? undefined : { ...found, asOf: Math.min(found.asOf, asOf) }
  }

  /** The same for an answer that may have found nothing, as of now. */
  async judgeRead(reader: TagReader, read: ShardRead): Promise<ShardRead> {
    if (!read.found) return read
    const found = await this.judge({ ...reader, notBefore: this.#parts.clock.now() }, read)
    return found === undefined ? { found: false, sentAt: read.sentAt, version: 0 } : { ...read, ...found }
  }

  /** As of when none of these tags has overtaken what carries them: no earlier than the reader's `notBefore`. */
  async asOf(reader: TagReader, tags: readonly TagRef[]): Promise<number | undefined> {
    const { rules } = this.#parts
    const stamps = await Promise.all(tags.map(({ tag }) => this.#stamp(reader, tagName(reader.physicalKey, tag))))
    let asOf = Number.POSITIVE_INFINITY
    for (const [place, { epoch, sinceUs }] of tags.entries()) {
      const stamp = stamps[place]
      if (stamp === undefined) {
        if (rules.absentTagOvertakes) return undefined
        continue
      }
      if ((rules.tagEpochs && stamp.epoch !== epoch) || stamp.us >= sinceUs) return undefined
      asOf = Math.min(asOf, knownUntil(stamp))
    }
    return asOf < reader.notBefore ? undefined : asOf
  }

  /** As of when what carries these tags was current for certain, however often they were invalidated since: as of its load. */
  loadedAsOf({ physicalKey }: TagReader, tags: readonly TagRef[]): number {
    const moments = tags.map(({ tag, epoch, sinceUs }) => {
      return this.#parts.store.home(tagName(physicalKey, tag)).momentOf(epoch, sinceUs)
    })
    return Math.max(...moments)
  }

  /** `undefined` where there is no record, or none that is known to be current enough. */
  async #stamp(reader: TagReader, name: string): Promise<TagStamp | undefined> {
    const { store, near } = this.#parts
    const known = near.tags.stampOf(name)
    if (known !== undefined && knownUntil(known) >= reader.notBefore) return known
    if (reader.policy.consistency === 'strong' && !store.agrees(name)) return undefined
    const under = this.#readings.get(name)
    if (under !== undefined && under.sentAt >= reader.notBefore) return under.stamp
    const reading = { sentAt: this.#parts.clock.now(), stamp: this.#read(reader, name) }
    this.#readings.set(name, reading)
    try {
      return await reading.stamp
    } finally {
      if (this.#readings.get(name) === reading) this.#readings.delete(name)
    }
  }

  async #read(reader: TagReader, name: string): Promise<TagStamp | undefined> {
    const { store, near } = this.#parts
    const { policy, notBefore } = reader
    const mark = near.mark()
    const home = store.home(name)
    try {
      const read = await home.read(name, { notBefore, tracked: policy.boundMs > 0 })
      const stamp = read.found ? stampIn(read) : undefined
      if (stamp !== undefined) near.keepTag(name, stamp, mark)
      return stamp
    } catch (error) {
      const found = policy.replicaReads ? await home.readReplica(name, { notBefore, anyway: true }) : undefined
      if (found === undefined) throw error
      return stampIn(found)
    }
  }
}

function stampIn({ entry, asOf, proof }: Found): TagStamp {
  return { epoch: decodeEpochs(entry.value)[0] ?? 0, us: entry.version, asOf, proof }
}
