import type { Chance } from '../base/chance.ts'
import { type Clock, pause } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Acquired } from '../store/shard.ts'
import type { ShardedStore } from '../store/sharded-store.ts'
import { entryOf, type LoadedLanding, type Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { ReadTally } from './read-tally.ts'

export interface LeaseDeskParts {
  readonly store: ShardedStore
  readonly loads: Loads
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

export const LEASE_RESULTS = ['granted', 'busy', 'value', 'filled', 'lost', 'unstored', 'released', 'timeout'] as const
export type LeaseResult = (typeof LEASE_RESULTS)[number]

export type LeaseFilled =
  | { readonly outcome: 'filled'; readonly entry: Entry }
  | { readonly outcome: 'lost' }
  /** The shard did not take it, or the policy or its size kept it out. */
  | { readonly outcome: 'unstored' }

const POLL_FIRST_MS = 4
const POLL_MOST_MS = 50
const TOKEN_BYTES = 16

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

  get ttlMs(): number {
    return this.#options.ttlMs
  }

  newToken(): Buffer {
    return this.#parts.chance.bytes(TOKEN_BYTES)
  }

  async acquire(lookup: Lookup, token: Buffer): Promise<Acquired> {
    const acquired = await this.#acquire(lookup, token)
    this.results[acquired.outcome] += 1
    return acquired
  }

  /**
   * Waits until the key has a value, or its lease falls to us (its holder died or gave up), by bounded polling with jitter.
   * Rejects with `LEASE_BUSY` after `waitMs`.
   */
  async wait(
    lookup: Lookup,
    token: Buffer,
    busy: Extract<Acquired, { outcome: 'busy' }>,
  ): Promise<Exclude<Acquired, { outcome: 'busy' }>> {
    const { clock, chance } = this.#parts
    const giveUpAt = clock.now() + this.#options.waitMs
    let leaseTtlMs = busy.leaseTtlMs
    for (let delayMs = POLL_FIRST_MS; ; delayMs = Math.min(POLL_MOST_MS, delayMs * 1.5)) {
      const leftMs = giveUpAt - clock.now()
      if (leftMs <= 0) break
      await pause(clock, Math.min(leftMs, delayMs * (0.5 + chance.uniform())))
      const acquired = await this.#acquire(lookup, token)
      if (acquired.outcome !== 'busy') {
        this.results[acquired.outcome] += 1
        return acquired
      }
      leaseTtlMs = acquired.leaseTtlMs
    }
    this.results.timeout += 1
    throw new RingsideError(
      'LEASE_BUSY',
      `another caller has been loading this key for longer than ${this.#options.waitMs} ms`,
      {
        retryAfterMs: leaseTtlMs,
      },
    )
  }

  /** Stores what the lease was taken for. Never rejects: that an answer could not be stored does not spoil the answer. */
  async fill(lookup: Lookup, token: Buffer, loaded: LoadedLanding): Promise<LeaseFilled> {
    const content = this.#parts.loads.content(lookup.policy, loaded)
    if (content === undefined || content.value.length > this.#options.maxValueBytes) {
      this.release(lookup, token)
      return this.#filled({ outcome: 'unstored' })
    }
    try {
      const filled = await this.#shard(lookup).fill(lookup.physicalKey, token, content)
      if (filled.outcome === 'lost') return this.#filled(filled)
      this.#parts.tally.stored(lookup.policy.name, content.value.length)
      return this.#filled({ outcome: 'filled', entry: entryOf(content, loaded, filled.version) })
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

  #acquire(lookup: Lookup, token: Buffer): Promise<Acquired> {
    return this.#shard(lookup).acquire(lookup.physicalKey, { token, leaseTtlMs: this.#options.ttlMs })
  }

  #filled(filled: LeaseFilled): LeaseFilled {
    this.results[filled.outcome] += 1
    return filled
  }

  #shard(lookup: Lookup) {
    return this.#parts.store.home(lookup.physicalKey)
  }
}
