import type { Clock } from '../base/clock.ts'
import { AbsentCache } from './absent-cache.ts'
import { ByteBoundedCache } from './byte-bounded-cache.ts'
import type { EvictionPolicy } from './eviction-policy.ts'
import { Lru } from './lru.ts'
import type { NearCache } from './near-cache.ts'
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
  /** Shares of the bytes, 0..1, that groups of entries may take, by the groups' numbers. */
  readonly maxShares?: readonly number[]
}

const policies: Record<NearPolicy, (maxBytes: number) => EvictionPolicy> = {
  frequency: (maxBytes) => new S3Fifo(maxBytes),
  lru: () => new Lru(),
  ttl: () => new SoonestExpiry(),
}

export function createNearCache(options: NearOptions, clock: Clock): NearCache {
  const { maxBytes, policy, negativeShare = 0.05 } = options
  if (maxBytes === 0) return new AbsentCache()
  return new ByteBoundedCache({ maxBytes, negativeShare, policy: policies[policy](maxBytes) }, clock)
}
