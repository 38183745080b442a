import type { Shard } from './shard.ts'

/** The shared tier: its shards, and which of them is the home of a key. */
export interface Tier {
  readonly shards: readonly Shard[]
  /** Where a key lives now; to be asked anew for each operation, since keys may move. */
  home(key: string): Shard
  /** Whether all sidecars agree on where the key lives, as far as this one knows. */
  agrees(key: string): boolean
  start(): Promise<void>
  close(): Promise<void>
}
