import type { Clock } from '../base/clock.ts'
import { type Reason, RingsideError } from '../base/errors.ts'
import type { Rules } from '../base/rules.ts'
import type { Flights } from '../flight/flights.ts'
import type { Acquired } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { Answer } from './cache.ts'
import type { CopyRung } from './copy-rung.ts'
import { Errand } from './errand.ts'
import type { HomeRung } from './home-rung.ts'
import type { Keeping } from './keeping.ts'
import { answerOf, isFor, type Landing, landed, madeFor, miss, type RungObserver, settle, staleOf } from './landing.ts'
import type { LeaseDesk } from './lease-desk.ts'
import type { LoadedLanding, Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { Patience } from './patience.ts'

export interface ReadPathParts {
  readonly near: NearRung
  readonly copies: CopyRung
  readonly home: HomeRung
  readonly flights: Flights<Landing, Errand>
  readonly patience: Patience
  readonly store: Tier
  readonly leases: LeaseDesk
  readonly loads: Loads
  readonly keeping: Keeping
  readonly clock: Clock
  readonly rules: Rules
  readonly onRung: RungObserver
}

/** After so many flights that were made for others, a reader flies alone. */
const MOST_SHARED = 3

/**
 * A read, from the cheapest rung to the dearest: near cache → a flight already under way → a copy, where the key is hot
 * → the home shard → its lease → the origin → fill. It takes the first rung that is fresh enough for the reader, climbs
 * when a rung fails, and steps down to a staler answer only where the keyspace's policy says so, marked as degraded.
 */
export class ReadPath {
  readonly #parts: ReadPathParts

  constructor(parts: ReadPathParts) {
    this.#parts = parts
  }

  /** Synchronous for a near hit. Rejects with a `RingsideError`. */
  read(lookup: Lookup): Answer | Promise<Answer> {
    return this.#parts.near.read(lookup) ?? this.#share(lookup)
  }

  // No await since the near lookup, so a reader who missed always joins the flight that is to fill the key.
  async #share(lookup: Lookup): Promise<Answer> {
    const { flights, patience, rules } = this.#parts
    const notBefore = rules.flightBound ? lookup.notBefore : Number.NEGATIVE_INFINITY
    for (let attempt = 0; attempt < MOST_SHARED; attempt += 1) {
      const flight = flights.board(lookup.physicalKey, notBefore, lookup, (errand) => this.#climb(lookup, errand))
      const landing = await patience.wait(lookup, flight)
      if (!rules.flightBound) return answerOf(landing, { ...lookup, notBefore })
      // A reader who came too late for this one, or wants more than the one it was made for, flies again.
      if (isFor(landing, lookup)) return settle(landing, lookup)
    }
    const party = new Errand(lookup)
    return settle(await patience.wait(lookup, { party, result: this.#climb(lookup, party) }), lookup)
  }

  async #climb(lookup: Lookup, errand: Errand): Promise<Landing> {
    const { near, copies, home, store } = this.#parts
    errand.seat = lookup.gather?.join()
    try {
      if (lookup.policy.consistency === 'strong' && !store.agrees(lookup.physicalKey)) {
        return madeFor(lookup, await this.#unstored(lookup, errand))
      }
      const copied = copies.read(lookup)
      const landing =
        (copied && (await copied)) ?? (await home.read(lookup, errand)) ?? (await this.#fromLease(lookup, errand))
      return madeFor(lookup, landing)
    } catch (error) {
      if (saysThat('SHARD_UNAVAILABLE', error)) return madeFor(lookup, await this.#withoutShard(lookup, error, errand))
      const stale =
        saysThat('LEASE_BUSY', error) && lookup.policy.degradedThen !== 'fail' ? near.readStale(lookup) : undefined
      if (stale === undefined) throw error
      return madeFor(lookup, stale)
    } finally {
      errand.seat?.leave()
    }
  }

  /** The right to load, held by one sidecar of the fleet; whoever does not get it takes a stale value or waits. */
  async #fromLease(lookup: Lookup, errand: Errand): Promise<Landing> {
    const { leases, near, clock } = this.#parts
    const token = leases.newToken()
    const first = await leases.acquire(lookup, token, errand)
    if (first.outcome === 'busy') {
      // What is waited for now may take long: the rest of the batch goes on.
      errand.seat?.leave()
      const stale = staleOf(lookup, first)
      if (stale !== undefined) return stale
      if (lookup.policy.origin === undefined) return miss(first, undefined)
      errand.waitsFor = 'lease'
    }
    const settled = first.outcome === 'busy' && first.holdMs === 0 ? await leases.wait(lookup, token, errand) : first
    switch (settled.outcome) {
      case 'value':
        near.admit(lookup, settled, settled.mark)
        return landed(settled, 'primary', clock.now())
      case 'busy':
        // Nothing may be stored, so waiting for another's load would bring nothing.
        return this.#loaded(lookup, 'miss', errand)
      case 'granted':
        if (lookup.policy.origin === undefined) return miss(settled, leases.offer(token, settled.sentAt))
        return this.#fromOrigin(lookup, token, settled, errand)
    }
  }

  /** The origin, then the fill that makes the answer everybody's. */
  async #fromOrigin(
    lookup: Lookup,
    token: Buffer,
    granted: Extract<Acquired, { outcome: 'granted' }>,
    errand: Errand,
  ): Promise<Landing> {
    const { leases, near, keeping, rules } = this.#parts
    const mark = near.mark()
    errand.stale = staleOf(lookup, granted)
    try {
      const loaded = await this.#loaded(lookup, 'miss', errand)
      if (rules.hold && granted.holdMs > 0) {
        // It may be what was there before the change that the hold is for.
        leases.release(lookup, token)
        return loaded
      }
      const filled = await leases.fill(lookup, token, loaded)
      switch (filled.outcome) {
        case 'filled':
          near.admit(lookup, { entry: filled.entry, asOf: loaded.asOf }, mark)
          keeping.keep(lookup)
          // Nothing changed the key from then on until the fill, and no hold from before stood then: it was current.
          return { ...loaded, version: filled.entry.version, asOf: Math.max(loaded.asOf, granted.sentAt) }
        case 'lost':
          return { ...loaded, onlyIfBegunBy: granted.sentAt }
        case 'unstored':
          return loaded
      }
    } catch (error) {
      leases.release(lookup, token)
      const stale = errand.stale ?? near.readStale(lookup)
      if (stale === undefined || lookup.policy.degradedThen === 'fail') throw error
      return stale
    }
  }

  async #loaded(lookup: Lookup, cause: 'miss' | 'fallback', errand: Errand): Promise<LoadedLanding> {
    const { loads, clock, onRung } = this.#parts
    const begunAt = clock.now()
    errand.waitsFor = 'origin'
    await errand.seat?.arrive()
    const loaded = await loads.load(lookup, cause, errand)
    onRung('origin', clock.now() - begunAt)
    return loaded
  }

  /** While sidecars do not agree on where a key lives, a strict reader is given what the origin says, or that nothing is known. */
  async #unstored(lookup: Lookup, errand: Errand): Promise<Landing> {
    if (lookup.policy.origin !== undefined) return this.#loaded(lookup, 'miss', errand)
    return miss({ sentAt: this.#parts.clock.now() }, undefined)
  }

  /** The shard has no answer: a replica or a copy, else the origin without a fill or something stale, as the policy says. */
  async #withoutShard(lookup: Lookup, trouble: RingsideError, errand: Errand): Promise<Landing> {
    const { near, copies, home, loads } = this.#parts
    const { policy } = lookup
    const mark = near.mark()
    const replicated = policy.replicaReads ? await home.readAnyway(lookup) : undefined
    if (replicated !== undefined) return replicated
    const copied = copies.readAnyway(lookup)
    const landing = copied && (await copied)
    if (landing !== undefined) return landing
    if (policy.degradedThen === 'fail') throw trouble
    if (policy.degradedThen === 'stale' || policy.origin === undefined) {
      const stale = near.readStale(lookup)
      if (stale !== undefined) return stale
    }
    if (policy.origin === undefined) throw trouble
    try {
      const loaded = await this.#loaded(lookup, 'fallback', errand)
      near.admit(lookup, { entry: loads.asEntry(lookup, loaded), asOf: loaded.asOf }, mark)
      return loaded
    } catch (error) {
      const stale = near.readStale(lookup)
      if (stale === undefined) throw error
      return stale
    }
  }
}

function saysThat(reason: Reason, error: unknown): error is RingsideError {
  return error instanceof RingsideError && error.reason === reason
}
