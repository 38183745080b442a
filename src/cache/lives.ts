import type { Chance } from '../base/chance.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Content } from '../store/shard.ts'

/**
 * How long something begins to live under a policy: shortened at random, so that what was stored together does not expire
 * together. `undefined` where the policy does not keep it.
 */
export function livesOf(
  policy: KeyspacePolicy,
  kind: Content['kind'],
  chance: Pick<Chance, 'uniform'>,
): Pick<Content, 'ttlMs' | 'softTtlMs' | 'staleKeepMs'> | undefined {
  const fullTtlMs = kind === 'value' ? policy.ttlMs : policy.negativeTtlMs
  if (fullTtlMs === 0) return undefined
  const keep = 1 - policy.jitter * chance.uniform()
  return {
    ttlMs: fullTtlMs * keep,
    softTtlMs: kind === 'value' && policy.softTtlMs !== undefined ? policy.softTtlMs * keep : undefined,
    staleKeepMs: policy.degradedMs,
  }
}
