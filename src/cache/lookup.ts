import type { Gather } from '../flight/gather.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Reader } from './cache.ts'

/** One reader's question, resolved against its keyspace. Times are milliseconds on the monotonic clock. */
export interface Lookup {
  readonly policy: KeyspacePolicy
  readonly physicalKey: string
  /** The key as the origin knows it, and whose it is. */
  readonly key: string
  readonly tenant: string
  readonly begunAt: number
  readonly reader: Reader
  /** When the reader should have an answer, so that it has it within half of its deadline. */
  readonly answerBy: number
  /** An answer whose `asOf` is this or later is fresh enough for this reader. */
  readonly notBefore: number
  /** So is only one of this version or a later one; 0 = any. */
  readonly leastVersion: number
  /** The batch it belongs to. */
  readonly gather: Gather | undefined
}
