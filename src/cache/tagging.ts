import type { Clock } from '../base/clock.ts'
import type { Rules } from '../base/rules.ts'
import type { TagRef } from '../base/tag-ref.ts'
import { tagName } from '../keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Tier } from '../store/tier.ts'
import type { NearKey } from './near-rung.ts'

export interface TaggingParts {
  readonly store: Tier
  readonly clock: Clock
  readonly rules: Rules
}

export type Tagged =
  /** To be stored with the value. `undefined` = it has none. */
  | { readonly outcome: 'tagged'; readonly tags: readonly TagRef[] | undefined }
  /** One of them was invalidated after the load began, or may have been: what it brought is not to be stored. */
  | { readonly outcome: 'overtaken' }
  /** Nothing may be stored under one of them for a while. */
  | { readonly outcome: 'held' }

const NONE: Tagged = { outcome: 'tagged', tags: undefined }

/** Gives what is to be stored its tags: sees to it that each has its record, and says from when on an invalidation counts. */
export class Tagging {
  readonly #parts: TaggingParts

  constructor(parts: TaggingParts) {
    this.#parts = parts
  }

  /**
   * For what lies under the key and was loaded as of `asOf`, a monotonic moment: it need not have seen a change that was
   * made after that. Rejects with `SHARD_UNAVAILABLE` where the shard of a tag gives no answer.
   */
  async tagged({ policy, physicalKey }: NearKey, tags: readonly string[], asOf: number): Promise<Tagged> {
    if (tags.length === 0) return NONE
    const distinct = [...new Set(tags)]
    const kept = await Promise.all(distinct.map((tag) => this.#kept(policy, tagName(physicalKey, tag), tag, asOf)))
    const refs = kept.filter((one) => typeof one === 'object')
    if (refs.length === kept.length) return { outcome: 'tagged', tags: refs }
    return { outcome: kept.includes('held') ? 'held' : 'overtaken' }
  }

  async #kept(
    policy: KeyspacePolicy,
    name: string,
    tag: string,
    loadedAsOf: number,
  ): Promise<TagRef | 'overtaken' | 'held'> {
    const { store, clock, rules } = this.#parts
    const shard = store.home(name)
    const ttlMs = recordTtlMs(policy)
    const told = await shard.ask(name, 'keepTag', ({ epoch, least }) => ({ key: name, epoch, least, ttlMs }))
    const { outcome, stampUs } = told.value
    if (outcome === 'held') return 'held'
    // The answer was made before now, so that by its clock the load began no earlier than this.
    const ageMs = rules.tagsAsOfLoad ? clock.now() - loadedAsOf : 0
    const sinceUs = Math.floor((told.serverUs ?? 0) - ageMs * 1_000)
    if (stampUs >= sinceUs) return 'overtaken'
    // A clock that is set back must not make stamps that seem to lie before what was stored.
    shard.atLeast(sinceUs)
    return { tag, epoch: told.epoch, sinceUs }
  }
}

/** Twice as long as anything may be of use that names the tag: so a record is renewed before it ends, and seldom. */
function recordTtlMs({ ttlMs, degradedMs }: KeyspacePolicy): number {
  return 2 * (ttlMs + degradedMs) + MARGIN_MS
}

const MARGIN_MS = 60_000
