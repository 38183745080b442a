import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import { RingsideError } from '../base/errors.ts'
import type { Party } from '../flight/party.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { LoadCause, Origin } from '../origin/origin.ts'
import type { Content } from '../store/shard.ts'
import { intentLifeMs } from './intent-life.ts'
import { type Landing, NO_BYTES } from './landing.ts'
import { livesOf } from './lives.ts'
import type { Lookup } from './lookup.ts'

const NO_TAGS: readonly string[] = []

/** A value fresh from its origin. */
export interface LoadedLanding extends Landing {
  readonly outcome: 'found' | 'not-found'
  readonly costMs: number
  readonly tags: readonly string[]
}

/** Asks origins, and says how long what they answer may live. */
export class Loads {
  readonly #origins: ReadonlyMap<string, Origin>
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #agrees: (physicalKey: string) => boolean

  /** `agrees`: whether all sidecars agree on where a key lives. */
  constructor(
    origins: ReadonlyMap<string, Origin>,
    clock: Clock,
    chance: Chance,
    agrees: (physicalKey: string) => boolean,
  ) {
    this.#origins = origins
    this.#clock = clock
    this.#chance = chance
    this.#agrees = agrees
  }

  /** For a `party` that waits, if any does. Rejects with `ORIGIN_UNAVAILABLE` or `ORIGIN_LIMIT`. The keyspace must have an origin. */
  async load(lookup: Lookup, cause: LoadCause, party?: Party): Promise<LoadedLanding> {
    const origin = this.#origins.get(lookup.policy.origin ?? '')
    if (origin === undefined)
      throw new RingsideError('INTERNAL', `keyspace ${lookup.policy.name} has no origin to load from`)
    const request = { keyspace: lookup.policy.name, tenant: lookup.tenant, key: lookup.key, cause }
    const loaded = await origin.load(party === undefined ? request : { ...request, party })
    return {
      outcome: loaded.found ? 'found' : 'not-found',
      value: loaded.found ? loaded.value : NO_BYTES,
      source: 'origin',
      version: 0,
      ...this.#current(lookup, cause, loaded.sentAt - lookup.policy.lagMs),
      loadedAt: loaded.sentAt,
      costMs: loaded.costMs,
      tags: loaded.found ? (loaded.tags ?? NO_TAGS) : NO_TAGS,
    }
  }

  /** As of when what an origin has is current: one that hears of changes later, only if its shard says that none waits. */
  #current(
    { policy, physicalKey, begunAt }: Lookup,
    cause: LoadCause,
    asOf: number,
  ): Pick<Landing, 'asOf' | 'unknown'> {
    if (policy.writes !== 'write-behind') return { asOf }
    if (cause === 'fallback' || !this.#agrees(physicalKey)) return { asOf: Number.NEGATIVE_INFINITY, unknown: true }
    // The shard was asked for the key after that, and what waits is found there.
    return { asOf: Math.min(asOf, begunAt) }
  }

  /**
   * For how long after a change of which nobody may know any more, what is loaded may be what was there before: the origin
   * lags, or somebody was writing to it.
   */
  unsureMs(policy: KeyspacePolicy): number {
    const origin = this.#origins.get(policy.origin ?? '')
    const isWritten = policy.writes === 'invalidate' || policy.writes === 'write-through'
    return isWritten && origin !== undefined ? intentLifeMs(policy, origin) : policy.lagMs
  }

  /** What to store of a load, but for its tags; `undefined` where the policy does not keep negative answers. */
  content(policy: KeyspacePolicy, loaded: LoadedLanding): Content | undefined {
    const kind = loaded.outcome === 'found' ? 'value' : 'negative'
    const lives = livesOf(policy, kind, this.#chance)
    if (lives === undefined) return undefined
    return {
      kind,
      value: loaded.value,
      ...lives,
      loadedAgoMs: this.#clock.now() - loaded.loadedAt,
      loadCostMs: loaded.costMs,
      compress: policy.compress,
    }
  }

  /** A load as an entry for the near cache, when the shard could not take it. */
  asEntry(lookup: Lookup, loaded: LoadedLanding): Entry {
    return entryOf(this.content(lookup.policy, loaded), loaded)
  }
}

/** The entry that a content makes once it is stored under `version`. */
export function entryOf(content: Content | undefined, loaded: LoadedLanding, version = 0): Entry {
  return {
    kind: loaded.outcome === 'found' ? 'value' : 'negative',
    value: loaded.value,
    version,
    ageMs: content?.loadedAgoMs ?? 0,
    softTtlMs: content?.softTtlMs,
    ttlMs: content?.ttlMs ?? 0,
    tags: content?.tags,
  }
}
