import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Acquired } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import { Bell } from './bell.ts'
import type { Errand } from './errand.ts'
import { LeaseOffer } from './landing.ts'
import type { LeaseTokens } from './lease-tokens.ts'
import { entryOf, type LoadedLanding, type Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { MovedLately } from './moved-lately.ts'
import type { NearRung } from './near-rung.ts'
import type { ReadTally } from './read-tally.ts'
import type { Mark } from './recent-changes.ts'
import type { TagStamps } from './tag-stamps.ts'
import type { Tagging } from './tagging.ts'

export interface LeaseDeskParts {
  readonly store: Tier
  readonly loads: Loads
  readonly stamps: TagStamps
  readonly tagging: Tagging
  readonly tokens: LeaseTokens
  readonly near: NearRung
  readonly moved: Pick<MovedLately, 'holdMs'>
  readonly tally: ReadTally
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface LeaseDeskOptions {
  readonly ttlMs: number
  /** How long a reader waits for another's load. */
  readonly waitMs: number
  /** Larger values are answered, but not stored. */
  readonly maxValueBytes: number
}

/** An answer, and the place in the row of changes at which it was sent for. */
export type MarkedAcquired = Acquired & { readonly mark: Mark }

export const LEASE_RESULTS = ['granted', 'busy', 'value', 'filled', 'lost', 'unstored', 'released', 'timeout'] as const
export type LeaseResult = (typeof LEASE_RESULTS)[number]

export type LeaseFilled =
  | { readonly outcome: 'filled'; readonly entry: Entry }
  | { readonly outcome: 'lost' }
  /** The shard did not take it, or the policy or its size kept it out. */
  | { readonly outcome: 'unstored' }

/** Where nothing tells that the key has changed, it is asked for so often. */
const UNTRACKED_MS = 50
/** Waiters for one dead lease do not ask all at once. */
const SPREAD_MS = 10
const TOKEN_BYTES = 16
const MOST_LOOKS = 4
const OVERTAKEN = 'the key is being stored and invalidated by tag at the same time, again and again'

/** Leases of the fleet as the read path uses them: take, wait for another's, fill, give back. */
export class LeaseDesk {
  readonly results: Record<LeaseResult, number> = {
    granted: 0,
    busy: 0,
    value: 0,
    filled: 0,
    lost: 0,
    unstored: 0,
    released: 0,
    timeout: 0,
  }
  readonly #options: LeaseDeskOptions
  readonly #parts: LeaseDeskParts

  constructor(options: LeaseDeskOptions, parts: LeaseDeskParts) {
    this.#options = options
    this.#parts = parts
  }

  /** A lease for a caller who loads for himself. `askedAt`: when it was asked for. */
  offer(token: Buffer, askedAt: number): LeaseOffer {
    return new LeaseOffer(this.#parts.tokens.encode({ token, askedAt }), this.#options.ttlMs)
  }

  newToken(): Buffer {
    return this.#parts.chance.bytes(TOKEN_BYTES)
  }

  async acquire(lookup: Lookup, token: Buffer, errand: Pick<Errand, 'overtaken'>): Promise<MarkedAcquired> {
    const acquired = await this.#acquire(lookup, token, errand, false)
    this.results[acquired.outcome] += 1
    return acquired
  }

  /**
   * Waits until the key has a value, its lease falls to us (its holder died or gave up), or a hold makes waiting useless.
   * The shard tells when the key changes; a timer runs for as long as the lease stands. Rejects with `LEASE_BUSY` after
   * `waitMs`, or when `party` should have an answer.
   */
  async wait(lookup: Lookup, token: Buffer, party: Pick<Errand, 'answerBy' | 'overtaken'>): Promise<MarkedAcquired> {
    const { clock, chance } = this.#parts
    const begunAt = clock.now()
    const bell = new Bell(clock)
    const unwatch = this.#shard(lookup).watch(lookup.physicalKey, () => bell.ring())
    try {
      for (;;) {
        // Before the request leaves: a change may be told of sooner than the answer that it overtakes.
        bell.hush()
        const acquired = await this.#acquire(lookup, token, party, true)
        if (acquired.outcome !== 'busy' || acquired.holdMs > 0) {
          this.results[acquired.outcome] += 1
          return acquired
        }
        const leaseEndMs = acquired.leaseTtlMs + 1 + SPREAD_MS * chance.uniform()
        const mostMs = acquired.tracked ? leaseEndMs : Math.min(leaseEndMs, UNTRACKED_MS)
        // Somebody who can wait longer may have joined since the last look.
        const leftMs = Math.min(begunAt + this.#options.waitMs, party.answerBy) - clock.now()
        if (leftMs <= 0) throw this.#timeout(clock.now() - begunAt, acquired.leaseTtlMs)
        await bell.heard(Math.min(mostMs, leftMs))
      }
    } finally {
      unwatch()
    }
  }

  /** Stores what the lease was taken for. Never rejects: that an answer could not be stored does not spoil the answer. */
  async fill(lookup: Lookup, token: Buffer, loaded: LoadedLanding): Promise<LeaseFilled> {
    const content = this.#parts.loads.content(lookup.policy, loaded)
    if (content === undefined || content.value.length > this.#options.maxValueBytes) {
      this.release(lookup, token)
      return this.#filled({ outcome: 'unstored' })
    }
    try {
      const tagged = await this.#parts.tagging.tagged(lookup, loaded.tags, loaded.asOf)
      if (tagged.outcome !== 'tagged') {
        this.release(lookup, token)
        return this.#filled({ outcome: tagged.outcome === 'overtaken' ? 'lost' : 'unstored' })
      }
      const { tags } = tagged
      const filled = await this.#shard(lookup).fill(lookup.physicalKey, token, { ...content, tags })
      if (filled.outcome === 'lost') return this.#filled(filled)
      if (filled.outcome === 'held') {
        this.release(lookup, token)
        return this.#filled({ outcome: 'unstored' })
      }
      this.#parts.tally.stored(lookup.policy.name, content.value.length)
      return this.#filled({ outcome: 'filled', entry: entryOf({ ...content, tags }, loaded, filled.version) })
    } catch (error) {
      this.#parts.log.debug({ keyspace: lookup.policy.name, reason: RingsideError.from(error).reason }, 'fill failed')
      return this.#filled({ outcome: 'unstored' })
    }
  }

  /** Gives the lease back in the background, so that the next reader need not wait for its end. */
  release(lookup: Lookup, token: Buffer): void {
    this.#shard(lookup)
      .release(lookup.physicalKey, token)
      .then(() => {
        this.results.released += 1
      })
      .catch((error: unknown) => {
        this.#parts.log.debug(
          { keyspace: lookup.policy.name, reason: RingsideError.from(error).reason },
          'release failed',
        )
      })
  }

  #timeout(waitedMs: number, leaseTtlMs: number): RingsideError {
    this.results.timeout += 1
    const message = `another caller has been loading this key for longer than ${Math.round(waitedMs)} ms`
    return new RingsideError('LEASE_BUSY', message, { retryAfterMs: leaseTtlMs })
  }

  async #acquire(
    lookup: Lookup,
    token: Buffer,
    errand: Pick<Errand, 'overtaken'>,
    tracked: boolean,
  ): Promise<MarkedAcquired> {
    const { store, near, loads, stamps, moved } = this.#parts
    const { physicalKey, notBefore, policy } = lookup
    const lagMs = loads.unsureMs(policy)
    for (let looks = 1; ; looks += 1) {
      const leastVersion = Math.max(lookup.leastVersion, errand.overtaken + 1)
      const options = { token, leaseTtlMs: this.#options.ttlMs, notBefore, leastVersion, tracked, lagMs }
      const mark = near.mark()
      const acquired = await store.home(physicalKey).acquire(physicalKey, options)
      if (acquired.outcome !== 'value') {
        const judged = await this.#withStaleJudged(lookup, acquired)
        return { ...judged, holdMs: Math.max(judged.holdMs, moved.holdMs(policy)), mark }
      }
      const value = await stamps.judge(lookup, acquired)
      if (value !== undefined) return { outcome: 'value', ...value, mark }
      errand.overtaken = acquired.entry.version
      // Somebody stored it just now, and somebody has invalidated it since: nobody is that quick for long.
      if (looks === MOST_LOOKS) throw new RingsideError('LEASE_BUSY', OVERTAKEN, { retryAfterMs: UNTRACKED_MS })
    }
  }

  /** What is kept of a value with tags was current no longer than they say; as of its load, where they do not. */
  async #withStaleJudged<Other extends Exclude<Acquired, { outcome: 'value' }>>(
    { policy, physicalKey }: Lookup,
    acquired: Other,
  ): Promise<Other> {
    const { stale, sentAt } = acquired
    if (stale?.tags === undefined) return acquired
    const reader = { policy, physicalKey, notBefore: sentAt - stale.staleForMs }
    const { stamps } = this.#parts
    const asOf = await stamps.asOf(reader, stale.tags).catch(() => undefined)
    if (asOf !== undefined) return acquired
    return { ...acquired, stale: { ...stale, staleForMs: sentAt - stamps.loadedAsOf(reader, stale.tags) } }
  }

  #filled(filled: LeaseFilled): LeaseFilled {
    this.results[filled.outcome] += 1
    return filled
  }

  #shard(lookup: Lookup) {
    return this.#parts.store.home(lookup.physicalKey)
  }
}
