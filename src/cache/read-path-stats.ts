import type { KeyspaceStats } from './read-tally.ts'

/** What the use cases have counted since the start; all numbers only grow. Keys of the records are closed sets. */
export interface ReadPathStats {
  /** Reads that joined a flight already under way. */
  readonly flightsJoined: number
  /** Attempts at leases by result, such as `granted`, `busy`, `filled`, `lost`. */
  readonly leases: Readonly<Record<string, number>>
  /** Refreshes ahead of expiry by result, such as `stored`, `elsewhere`, `failed`. */
  readonly refreshes: Readonly<Record<string, number>>
  /** Fills of copies of hot keys by result, such as `filled`, `elsewhere`, `lost`. */
  readonly copyFills: Readonly<Record<string, number>>
  /** Every configured keyspace, by name. */
  readonly keyspaces: ReadonlyMap<string, KeyspaceStats>
}
