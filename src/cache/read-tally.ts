import { type BucketCounts, Buckets } from '../base/buckets.ts'
import type { Clock } from '../base/clock.ts'
import type { Answer } from './cache.ts'
import type { Lookup } from './lookup.ts'

/** Upper bounds for `KeyspaceStats.staleness`, in seconds: from a near hit of this millisecond to a night's outage. */
export const STALENESS_BOUNDS_S = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 28_800]

/** Upper bounds for `KeyspaceStats.valueBytes`: powers of four up to the default limit. */
export const VALUE_BOUNDS_BYTES = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304]

export type InvalidationResult = 'done' | 'deferred' | 'failed'

/** What readers of one keyspace were given since the start; all numbers only grow. */
export interface KeyspaceStats {
  /** Answers outside the freshness guarantee. */
  readonly degraded: number
  /** Seconds between `as_of` and the answer, for answers that found something. */
  readonly staleness: BucketCounts
  /** Bytes of the values that were stored. */
  readonly valueBytes: BucketCounts
  /** Targets invalidated, by result. */
  readonly invalidations: Readonly<Record<InvalidationResult, number>>
}

class KeyspaceTally implements KeyspaceStats {
  degraded = 0
  readonly staleness = new Buckets(STALENESS_BOUNDS_S)
  readonly valueBytes = new Buckets(VALUE_BOUNDS_BYTES)
  readonly invalidations: Record<InvalidationResult, number> = { done: 0, deferred: 0, failed: 0 }
}

/** Counts, per configured keyspace, what the use cases did. */
export class ReadTally {
  readonly #clock: Clock
  readonly #byKeyspace = new Map<string, KeyspaceTally>()

  constructor(keyspaces: readonly string[], clock: Clock) {
    this.#clock = clock
    for (const name of keyspaces) this.know(name)
  }

  /** Counts for a keyspace, of which calls may go on when it is configured no more. */
  know(keyspace: string): void {
    if (!this.#byKeyspace.has(keyspace)) this.#byKeyspace.set(keyspace, new KeyspaceTally())
  }

  get keyspaces(): ReadonlyMap<string, KeyspaceStats> {
    return this.#byKeyspace
  }

  /** Counts an answer and hands it on. */
  answered(lookup: Lookup, answer: Answer): Answer {
    const tally = this.#of(lookup.policy.name)
    if (answer.degraded) tally.degraded += 1
    if (answer.outcome === 'found') tally.staleness.add(Math.max(0, this.#clock.now() - answer.asOf) / 1_000)
    return answer
  }

  /** Counts an answer from the near cache that is within its bound. */
  answeredAtHand(keyspace: string, agoMs: number): void {
    this.#of(keyspace).staleness.add(Math.max(0, agoMs) / 1_000)
  }

  stored(keyspace: string, valueBytes: number): void {
    this.#of(keyspace).valueBytes.add(valueBytes)
  }

  invalidated(keyspace: string, result: InvalidationResult): void {
    this.#of(keyspace).invalidations[result] += 1
  }

  #of(keyspace: string): KeyspaceTally {
    const tally = this.#byKeyspace.get(keyspace)
    if (tally === undefined) throw new Error(`no keyspace ${keyspace} to count for`)
    return tally
  }
}
