import type { Shard } from './shard.ts'

/** The shared tier: its shards, and which of them is the home of a key. */
export interface Tier {
  readonly shards: readonly Shard[]
  /** Where a key lives now; to be asked anew for each operation, since keys may move. */
  home(key: string): Shard
  start(): Promise<void>
  close(): Promise<void>
}
