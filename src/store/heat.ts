import type { CopyCount } from '../hotkey/hot-list.ts'

/** What one sidecar says of one key: how often it was asked for and changed since it was last told of. */
export interface HeatCandidate {
  /** Its physical name. */
  readonly key: string
  /** Reads of any kind. */
  readonly reads: number
  /** Those of them that went on to the shared tier. */
  readonly shardReads: number
  readonly writes: number
  /** So many copies it may have, by its keyspace and by the number of shards. */
  readonly most: number
}

/** What one sidecar tells a shard of the keys that live there. */
export interface HeatReport {
  readonly candidates: readonly HeatCandidate[]
  /** Reads that it has sent to this shard since it last reported, of whatever keys. */
  readonly shardReads: number
  /** How many it has sent to a shard in the mean over all shards in that time. */
  readonly meanReads: number
  /** A key gets copies from this many reads per second on. */
  readonly leastRate: number
  /** Which share of the mean shard's reads one key may have at each place where it lies, 0..1. */
  readonly target: number
  /** The version of the list that it knows; `''` = none. */
  readonly known: string
}

/** A change of the number of copies, told to the one sidecar whose report brought it about. */
export interface HeatDecision {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly readsPerSecond: number
  /** Of the shard's reads, 0..1, as it was before. */
  readonly share: number
}

export interface HeatNews {
  /** Of the list of keys that have copies. */
  readonly version: string
  /** The whole list; `undefined`: as known. */
  readonly copies: readonly CopyCount[] | undefined
  readonly decided: readonly HeatDecision[]
}

/** A key that the fleet asks for much. */
export interface HotKey {
  /** Its physical name. */
  readonly key: string
  readonly readsPerSecond: number
  readonly shardReadsPerSecond: number
  readonly writesPerSecond: number
  /** Of its home shard's reads, 0..1. */
  readonly share: number
  readonly copies: number
  /** How long it has had copies, in ms; 0 = it has none. */
  readonly sinceMs: number
}
