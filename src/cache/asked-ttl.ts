import { RingsideError } from '../base/errors.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'

/** The ttl that a request asks for, or that of its keyspace. Throws `TTL_INVALID`. */
export function askedTtlMs({ name, ttlMs: most }: KeyspacePolicy, ttlMs = most): number {
  if (ttlMs > 0 && ttlMs <= most) return ttlMs
  const message = `ttl_ms is ${ttlMs}; allowed is 1 to ${most}, the ttl of keyspace ${name}`
  throw new RingsideError('TTL_INVALID', message, { metadata: { field: 'ttl_ms' } })
}
