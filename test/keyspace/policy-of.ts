import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'

/** A policy with `fields`; the rest does not matter to the test. */
export function policyOf(fields: Partial<KeyspacePolicy> & { readonly name: string }): KeyspacePolicy {
  return {
    version: 1,
    kind: 'value',
    consistency: 'bounded',
    boundMs: 5_000,
    ttlMs: 600_000,
    jitter: 0.1,
    softTtlMs: undefined,
    negativeTtlMs: 30_000,
    origin: undefined,
    tenants: 'none',
    encoding: 'json',
    compress: undefined,
    keyPattern: undefined,
    near: true,
    nearShare: 1,
    nearGroup: undefined,
    lagMs: 0,
    maxCopies: 4,
    replicaReads: false,
    writes: undefined,
    maxBacklog: 0,
    coalesceMs: 0,
    degradedMs: 0,
    degradedThen: 'fail',
    ...fields,
  }
}
