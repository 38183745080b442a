import type { BucketCounts } from '../base/buckets.ts'

/** What the use cases have counted since the start; all numbers only grow. Keys of the records are closed sets. */
export interface ReadPathStats {
  /** Reads that joined a flight already under way. */
  readonly flightsJoined: number
  /** Attempts at leases by result, such as `granted`, `busy`, `filled`, `lost`. */
  readonly leases: Readonly<Record<string, number>>
  /** Refreshes ahead of expiry by result, such as `stored`, `elsewhere`, `failed`. */
  readonly refreshes: Readonly<Record<string, number>>
  /** Every configured keyspace, by name. */
  readonly keyspaces: ReadonlyMap<string, KeyspaceStats>
}

export interface KeyspaceStats {
  /** Answers outside the freshness guarantee. */
  readonly degraded: number
  /** Seconds between `as_of` and the answer, for answers that found something. */
  readonly staleness: BucketCounts
  /** Bytes of the values that were stored. */
  readonly valueBytes: BucketCounts
  /** Targets invalidated by result, such as `done`, `failed`. */
  readonly invalidations: Readonly<Record<string, number>>
}
