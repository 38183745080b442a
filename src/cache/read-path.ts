import type { Clock } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import { RingsideError } from '../base/errors.ts'
import type { Flights } from '../flight/flights.ts'
import type { Seat } from '../flight/gather.ts'
import type { Acquired } from '../store/shard.ts'
import type { ShardedStore } from '../store/sharded-store.ts'
import type { Answer } from './cache.ts'
import { answerOf, isFor, type Landing, LeaseOffer, NO_BYTES, type RungObserver } from './landing.ts'
import type { LeaseDesk } from './lease-desk.ts'
import type { Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { Refresher } from './refresher.ts'

export interface ReadPathParts {
  readonly near: NearRung
  readonly flights: Flights<Landing>
  readonly store: ShardedStore
  readonly leases: LeaseDesk
  readonly loads: Loads
  readonly refresher: Refresher
  readonly clock: Clock
  readonly onRung: RungObserver
}

/**
 * A read, from the cheapest rung to the dearest: near cache → a flight already under way → the home shard → its lease →
 * the origin → fill. It takes the first rung that is fresh enough for the reader, climbs when a rung fails, and steps
 * down to a staler answer only where the keyspace's policy says so, marked as degraded.
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
    const { flights } = this.#parts
    for (;;) {
      const landing = await flights.run(lookup.physicalKey, lookup.notBefore, () => this.#climb(lookup))
      // A reader who came too late for this one flies again; that flight departs after the reader began, so it is the last.
      if (isFor(landing, lookup)) return answerOf(landing, lookup)
    }
  }

  async #climb(lookup: Lookup): Promise<Landing> {
    const seat = lookup.gather?.join()
    try {
      return (await this.#fromHome(lookup)) ?? (await this.#fromLease(lookup, seat))
    } catch (error) {
      if (!isShardTrouble(error)) throw error
      return await this.#withoutShard(lookup, error, seat)
    } finally {
      seat?.leave()
    }
  }

  /** The home shard, by a plain GET. */
  async #fromHome(lookup: Lookup): Promise<Landing | undefined> {
    const { store, near, refresher, clock, onRung } = this.#parts
    const read = await store.home(lookup.physicalKey).read(lookup.physicalKey)
    onRung('primary', clock.now() - read.sentAt)
    if (!read.found) return undefined
    near.admit(lookup, read.entry, read.sentAt)
    if (read.entry.softTtlMs !== undefined && read.entry.softTtlMs <= 0) refresher.refresh(lookup, read.entry)
    return this.#primary(read)
  }

  /** The right to load, held by one sidecar of the fleet; whoever does not get it takes a stale value or waits. */
  async #fromLease(lookup: Lookup, seat: Seat | undefined): Promise<Landing> {
    const { leases, near, clock } = this.#parts
    const token = leases.newToken()
    const first = await leases.acquire(lookup, token)
    if (first.outcome === 'busy') {
      // What is waited for now may take long: the rest of the batch goes on.
      seat?.leave()
      const stale = this.#stale(lookup, first)
      if (stale !== undefined) return stale
      if (lookup.policy.origin === undefined) return miss(first, undefined)
    }
    const settled = first.outcome === 'busy' ? await leases.wait(lookup, token, first) : first
    if (settled.outcome === 'value') {
      near.admit(lookup, settled.entry, settled.sentAt)
      return this.#primary(settled)
    }
    if (lookup.policy.origin === undefined) return miss(settled, new LeaseOffer(token, leases.ttlMs))
    return this.#fromOrigin(lookup, token, settled, seat, clock.now())
  }

  /** The origin, then the fill that makes the answer everybody's. */
  async #fromOrigin(
    lookup: Lookup,
    token: Buffer,
    granted: Extract<Acquired, { outcome: 'granted' }>,
    seat: Seat | undefined,
    begunAt: number,
  ): Promise<Landing> {
    const { loads, leases, near, clock, onRung } = this.#parts
    try {
      await seat?.arrive()
      const loaded = await loads.load(lookup, 'miss')
      onRung('origin', clock.now() - begunAt)
      const filled = await leases.fill(lookup, token, loaded)
      switch (filled.outcome) {
        case 'filled':
          near.admit(lookup, filled.entry, loaded.asOf)
          return { ...loaded, version: filled.entry.version }
        case 'lost':
          return { ...loaded, onlyIfBegunBy: granted.sentAt }
        case 'unstored':
          return loaded
      }
    } catch (error) {
      leases.release(lookup, token)
      const stale = this.#stale(lookup, granted) ?? this.#parts.near.readStale(lookup)
      if (stale === undefined || lookup.policy.degradedThen === 'fail') throw error
      return stale
    }
  }

  /** The shard has no answer: the origin under its limit and without a fill, or something stale, as the policy says. */
  async #withoutShard(lookup: Lookup, trouble: RingsideError, seat: Seat | undefined): Promise<Landing> {
    const { near, loads } = this.#parts
    const { policy } = lookup
    if (policy.degradedThen === 'fail') throw trouble
    if (policy.degradedThen === 'stale' || policy.origin === undefined) {
      const stale = near.readStale(lookup)
      if (stale !== undefined) return stale
    }
    if (policy.origin === undefined) throw trouble
    try {
      await seat?.arrive()
      const loaded = await loads.load(lookup, 'fallback')
      near.admit(lookup, loads.asEntry(lookup, loaded), loaded.asOf)
      return loaded
    } catch (error) {
      const stale = near.readStale(lookup)
      if (stale === undefined) throw error
      return stale
    }
  }

  #primary({ entry, sentAt }: { readonly entry: Entry; readonly sentAt: number }): Landing {
    return {
      outcome: entry.kind === 'value' ? 'found' : 'not-found',
      value: entry.value,
      source: 'primary',
      version: entry.version,
      asOf: sentAt,
      loadedAt: this.#parts.clock.now() - entry.ageMs,
    }
  }

  /** What the shard kept of a value that is no longer current. */
  #stale(lookup: Lookup, { stale, sentAt }: Exclude<Acquired, { outcome: 'value' }>): Landing | undefined {
    const { policy } = lookup
    if (stale === undefined || policy.degradedMs === 0 || policy.degradedThen === 'fail') return undefined
    if (stale.staleForMs > policy.degradedMs) return undefined
    return {
      outcome: stale.kind === 'value' ? 'found' : 'not-found',
      value: stale.value,
      source: 'primary',
      version: stale.version,
      asOf: sentAt - stale.staleForMs,
      loadedAt: sentAt - stale.ageMs,
    }
  }
}

function miss(acquired: Acquired, lease: LeaseOffer | undefined): Landing {
  return {
    outcome: 'miss',
    value: NO_BYTES,
    source: 'primary',
    version: 0,
    asOf: acquired.sentAt,
    loadedAt: acquired.sentAt,
    ...(lease === undefined ? {} : { lease }),
  }
}

function isShardTrouble(error: unknown): error is RingsideError {
  return error instanceof RingsideError && error.reason === 'SHARD_UNAVAILABLE'
}
