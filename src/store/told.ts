import type { Epoch } from './epoch.ts'

/** What is known of a shard when something is asked of it. */
export interface ShardNow {
  /** The present epoch. */
  readonly epoch: Epoch
  /** The largest version that this sidecar has seen there. */
  readonly floor: number
  /** What lies under the key with a smaller version does not count: an earlier ring may have left it. 0 = all counts. */
  readonly least: number
  /** When its memory may last have lost something, on the monotonic clock; `-Infinity` = never, as far as anybody knows. */
  readonly forgotAt: number
  /** What the server's clock shows at least. */
  readonly serverMs: number
  /** When the server's clock shows this, nobody waits for the answer any more. */
  readonly tooLateMs: number
}

/** What a change of an entry has to know. */
export interface ChangeNow {
  /** The epochs whose entries count; the present one first. */
  readonly epochs: readonly Epoch[]
  /** Those of which it is not known yet whether they will. */
  readonly quarantined: readonly Epoch[]
  /** The largest version that this sidecar has seen there. */
  readonly floor: number
  /** On the server's clock: from this moment on it is not carried out. */
  readonly tooLateMs: number
}

export interface AskOptions {
  /** The next change of what is read is to be heard of. */
  readonly tracked?: boolean
  /** The answer of a shard that has not answered a heartbeat of late is none: another may have taken its place. */
  readonly vouched?: boolean
}

/** The answer of an operation. */
export interface Told<T> {
  readonly value: T
  /** The monotonic moment just before the request left. */
  readonly sentAt: number
  /** The server's TIME, in µs, where the operation tells it. */
  readonly serverUs: number | undefined
  /** The epoch in which it was asked. */
  readonly epoch: Epoch
  /** Changes of what was read will be heard of. */
  readonly tracked: boolean
}
