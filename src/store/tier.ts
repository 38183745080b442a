import type { Shard } from './shard.ts'

/** Where a copy of a key lies. */
export interface CopyPlace {
  readonly name: string
  readonly shard: Shard
}

/** The shared tier: its shards, and which of them is the home of a key. */
export interface Tier {
  readonly shards: readonly Shard[]
  /** Where a key lives now; to be asked anew for each operation, since keys may move. */
  home(key: string): Shard
  /** Whether all sidecars agree on where the key lives, as far as this one knows. */
  agrees(key: string): boolean
  /** Where copy `number` of a key, from 1, lies now; `undefined` where there are not so many other shards. */
  copy(key: string, number: number): CopyPlace | undefined
  /** So many copies a key may have: one on each other shard. */
  readonly mostCopies: number
  start(): Promise<void>
  close(): Promise<void>
}
