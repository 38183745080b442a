import type { Entry } from '../base/entry.ts'
import type { Compression } from '../keyspace/compression.ts'
import type { Epoch } from './epoch.ts'
import type { OpenLine } from './open-line.ts'
import type { Packed } from './packing/packed.ts'

/** The right to fill one copy of a key, held by one sidecar in the fleet. */
export interface CopyLease {
  readonly token: Buffer
  /** The TIME of the copy's shard when it was acquired, in whole ms: what is read at the primary after that is no older. */
  readonly atMs: number
  readonly epoch: Epoch
  /** The line it came by, which knows the clock of that shard. */
  readonly open: OpenLine
}

/** What the primary answered to a read that was sent once the lease was there. */
export interface CopyContent {
  readonly entry: Entry
  /** As of when, on this sidecar's clock. */
  readonly asOf: number
  /** How long after its `as_of` it may be used at most. */
  readonly lifeMs: number
  /** As of any content. */
  readonly compress?: Compression | undefined
}

/** What is stored under the name of a copy, by whoever has the lease of it. Times are the server's TIME, in ms. */
export interface CopyFill extends Pick<Entry, 'kind' | 'value' | 'version' | 'tags'> {
  readonly key: string
  readonly token: Buffer
  /** How the value is compressed, if it is. */
  readonly packed?: Packed | undefined
  /** In which the lease was taken. */
  readonly epoch: Epoch
  readonly loadedAtMs: number
  /** 0 = none. */
  readonly softAtMs: number
  readonly hardAtMs: number
  readonly asOfMs: number
}
