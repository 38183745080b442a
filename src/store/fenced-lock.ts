import type { Epoch } from './epoch.ts'

/** The keys of one lock, all of one slot. */
export interface LockKeys {
  /** Who has it. Its changes wake those who wait. */
  readonly record: string
  /** Who waits, in the order in which they came. */
  readonly line: string
  /** Until when each of them counts unless it is heard of again. */
  readonly seen: string
}

/** What the holder of a lock, and whoever wants to be one, says with everything that it asks for. */
export interface LockAsk extends LockKeys {
  /** 16 bytes, unique to this attempt at the lock: what its holding is known by. */
  readonly token: Buffer
  readonly epoch: Epoch
  /** What was written with a smaller fencing token may lack what came after it. */
  readonly leastFencing: number
}

export interface LockAcquire extends LockAsk {
  /** 16 bytes that a repeated request has in common with the first. */
  readonly id: Buffer
  readonly ttlMs: number
  /** For so long it goes on waiting; 0 = it takes no place in the line. */
  readonly waitMs: number
  readonly floor: number
  /** On the server's clock: from this moment on nothing is granted, since nobody waits for the answer. */
  readonly tooLateMs: number
  /** For so long a lock of which nothing is known may be held by somebody. */
  readonly opensInMs: number
  /** For so long, at most, anybody may hold a lock without renewing it. */
  readonly mostTtlMs: number
}

export type LockAcquired =
  /** `token`: the first one with which this request was granted the lock. `answers`: how often it has been. */
  | { readonly outcome: 'granted'; readonly token: Buffer; readonly fencing: number; readonly answers: number }
  /** `leftMs`: for so long it is held at least, as far as is known. `place` in the line, from 0; -1 = in none. */
  | { readonly outcome: 'busy'; readonly leftMs: number; readonly place: number }
  | { readonly outcome: 'late' }

export interface LockRenew extends Pick<LockAsk, 'record' | 'token' | 'epoch' | 'leastFencing'> {
  readonly id: Buffer
  readonly ttlMs: number
  /** The fencing token of a holding that cannot have ended yet by the clock of its own sidecar; 0 = it may have. */
  readonly sureFencing: number
}

export type LockRenewed = { readonly outcome: 'renewed'; readonly fencing: number } | { readonly outcome: 'lost' }

export interface LockRelease extends LockAsk {
  /** Of a request that waits no longer; `undefined` = there is none. */
  readonly id: Buffer | undefined
  /**
   * Not while it stands and has been granted more often than that: a repeated request has it then. `undefined` = however
   * often; 0 = only if it has ended.
   */
  readonly answers: number | undefined
  readonly sureFencing: number
}

export interface LockOperations {
  lockAcquire: { readonly args: LockAcquire; readonly result: LockAcquired }
  lockRenew: { readonly args: LockRenew; readonly result: LockRenewed }
  /** False when it had fallen, or is another's. */
  lockRelease: { readonly args: LockRelease; readonly result: boolean }
}
