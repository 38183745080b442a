import type { Clock } from '../base/clock.ts'
import { AbsentCache } from './absent-cache.ts'
import { ByteBoundedCache } from './byte-bounded-cache.ts'
import { Lru } from './lru.ts'
import type { NearCache } from './near-cache.ts'
import type { ByteBounds } from './residents.ts'
import { S3Fifo } from './s3-fifo.ts'
import { SoonestExpiry } from './soonest-expiry.ts'

export const NEAR_POLICIES = ['frequency', 'lru', 'ttl'] as const
export type NearPolicy = (typeof NEAR_POLICIES)[number]

export interface NearOptions {
  /** The bound on keys, values and bookkeeping together; 0 = no near cache. */
  readonly maxBytes: number
  readonly policy: NearPolicy
  /** Share of the bytes, 0..1, that negative entries may take. */
  readonly negativeShare?: number
  /** Share of the bytes, 0..1, that the entries of each `group` may take. A group beyond the list has no limit. */
  readonly maxShares?: readonly number[]
  /** Any whole number, not known to those who choose keys: they could choose such as collide. */
  readonly seed?: number
}

const policies: Record<NearPolicy, ByteBounds['policy']> = {
  frequency: (records, space, maxBytes) => new S3Fifo(records, space, maxBytes),
  lru: (records) => new Lru(records),
  ttl: (records, space) => new SoonestExpiry(records, space),
}

export function createNearCache(options: NearOptions, clock: Clock): NearCache {
  const { maxBytes, policy, negativeShare = 0.05, maxShares = [], seed = 0 } = options
  if (maxBytes === 0) return new AbsentCache()
  return new ByteBoundedCache({ maxBytes, negativeShare, maxShares, policy: policies[policy] }, clock, seed)
}
