import { RingsideError } from '../base/errors.ts'
import type { Acquired, Found } from '../store/shard.ts'
import type { Answer, Outcome, Source } from './cache.ts'
import type { Lookup } from './lookup.ts'

/** What a flight brought back, before it is judged by each reader's own bound. */
export interface Landing {
  readonly outcome: Outcome
  readonly value: Buffer
  readonly source: Source
  readonly version: number
  readonly asOf: number
  readonly loadedAt: number
  /** What the origin has may be behind what was acknowledged, by how much nobody can say. */
  readonly unknown?: boolean
  /**
   * Set when the fill was lost: an invalidation or a write came between. The answer is then only for readers who had begun
   * by this moment; a later one must not be shown a state that is known to be overtaken.
   */
  readonly onlyIfBegunBy?: number
  /** The `notBefore` of the reader for whom it was made: an older `asOf` is the best there was for that one. */
  madeFor?: number
  /** The right to fill the key, for whoever takes it first. */
  readonly lease?: LeaseOffer
}

/** A lease that can be handed out once, though many readers share the flight that won it. */
export class LeaseOffer {
  readonly #token: string
  readonly #ttlMs: number
  #taken = false

  constructor(token: string, ttlMs: number) {
    this.#token = token
    this.#ttlMs = ttlMs
  }

  take(): Answer['lease'] {
    if (this.#taken) return undefined
    this.#taken = true
    return { token: this.#token, ttlMs: this.#ttlMs }
  }
}

export const NO_BYTES: Buffer = Buffer.alloc(0)

/** What a shard had. */
export function landed({ entry, asOf }: Found, source: 'primary' | 'replica' | 'copy', now: number): Landing {
  return {
    outcome: entry.kind === 'value' ? 'found' : 'not-found',
    value: entry.value,
    source,
    version: entry.version,
    asOf,
    loadedAt: now - entry.ageMs,
  }
}

/** Nothing is cached, as of the moment at which that was found. */
export function miss({ sentAt }: { readonly sentAt: number }, lease: LeaseOffer | undefined): Landing {
  return {
    outcome: 'miss',
    value: NO_BYTES,
    source: 'primary',
    version: 0,
    asOf: sentAt,
    loadedAt: sentAt,
    ...(lease === undefined ? {} : { lease }),
  }
}

/** What the shard kept of a value that is no longer current, where the policy would rather have that than an error. */
export function staleOf(
  { policy, leastVersion }: Lookup,
  { stale, sentAt }: Exclude<Acquired, { outcome: 'value' }>,
): Landing | undefined {
  if (stale === undefined || policy.degradedMs === 0 || policy.degradedThen === 'fail') return undefined
  if (stale.staleForMs > policy.degradedMs || stale.version < leastVersion) return undefined
  return {
    outcome: stale.kind === 'value' ? 'found' : 'not-found',
    value: stale.value,
    source: 'primary',
    version: stale.version,
    asOf: sentAt - stale.staleForMs,
    loadedAt: sentAt - stale.ageMs,
  }
}

/** Notes for whom it was made, on the landing itself: a copy of it would cost each read a hidden class of its own. */
export function madeFor(lookup: Lookup, landing: Landing): Landing {
  landing.madeFor = lookup.notBefore
  return landing
}

/** The landing as one reader's answer: `degraded` where it is older than that reader's bound. */
export function answerOf(landing: Landing, lookup: Lookup): Answer {
  return {
    outcome: landing.outcome,
    value: landing.value,
    source: landing.source,
    version: landing.version,
    asOf: landing.asOf,
    loadedAt: landing.loadedAt,
    degraded: landing.unknown === true || landing.asOf < lookup.notBefore,
    lease: landing.lease?.take(),
  }
}

/** Whether an answer of a shared flight may go to this reader at all. */
export function isFor(landing: Landing, lookup: Lookup): boolean {
  if (landing.onlyIfBegunBy !== undefined && lookup.begunAt > landing.onlyIfBegunBy) return false
  if (!hasVersion(landing, lookup)) return false
  return landing.asOf >= lookup.notBefore || (landing.madeFor ?? Number.NEGATIVE_INFINITY) >= lookup.notBefore
}

/** Whether it has the version that the reader has seen before; what was never stored has none, but may be younger than that. */
function hasVersion({ outcome, source, version, loadedAt }: Landing, { leastVersion, begunAt }: Lookup): boolean {
  if (version >= leastVersion || outcome === 'miss') return true
  return version === 0 && source === 'origin' && loadedAt >= begunAt
}

/** Whether the best there was is older than even the reader's emergencies allow. */
function isTooOld({ asOf, outcome, unknown }: Landing, { notBefore, begunAt, policy }: Lookup): boolean {
  return outcome !== 'miss' && unknown !== true && asOf < notBefore && begunAt - asOf > policy.degradedMs
}

/** The landing as the answer to the reader for whom it was made. Throws `ORIGIN_UNAVAILABLE` where that is too old. */
export function settle(landing: Landing, lookup: Lookup): Answer {
  if (!isTooOld(landing, lookup)) return answerOf(landing, lookup)
  const message = 'what can be had is older than the bound of this read, and than the keyspace allows in an emergency'
  throw new RingsideError('ORIGIN_UNAVAILABLE', message, { retryAfterMs: lookup.policy.lagMs })
}

export type Rung = Source
export type RungObserver = (rung: Rung, ms: number) => void
