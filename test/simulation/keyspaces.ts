import { keyPrefix } from '../../src/keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import type { KeyspaceRules } from './history.ts'

export const HEARTBEAT_MS = 500
export const KEYS = 4

const ORIGIN_LAG_MS = 400

/** A keyspace of the simulation: its policy, and what the history judges it by. */
export interface SimulatedKeyspace {
  readonly policy: KeyspacePolicy
  readonly rules: KeyspaceRules
}

export const UNTAGGED: readonly SimulatedKeyspace[] = [
  keyspace({ name: 'strict', consistency: 'strong', boundMs: 0, near: false }),
  keyspace({ name: 'bounded', boundMs: 1_000, softTtlMs: 3_000 }),
  keyspace({ name: 'degrading', boundMs: 1_000, degradedMs: 8_000, degradedThen: 'stale' }),
  keyspace({ name: 'replicated', boundMs: 1_500, near: false, replicaReads: true }),
  keyspace({ name: 'lagging', boundMs: 1_500, origin: 'lagging', lagMs: ORIGIN_LAG_MS }),
  keyspace({ name: 'crowded', boundMs: 2_500, near: false }),
  keyspace({ name: 'crowded-near', boundMs: 2_000 }),
  keyspace({ name: 'aside', boundMs: 1_000, origin: undefined, negativeTtlMs: 0 }),
  keyspace({
    name: 'aside-strict',
    consistency: 'strong',
    boundMs: 0,
    near: false,
    origin: undefined,
    negativeTtlMs: 0,
  }),
]

/** Those whose rows name tags. */
export const TAGGED: readonly SimulatedKeyspace[] = [
  keyspace({ name: 'tagged', boundMs: 1_000, softTtlMs: 3_000, degradedMs: 4_000, degradedThen: 'stale' }),
  keyspace({ name: 'tagged-strict', consistency: 'strong', boundMs: 0, near: false }),
  keyspace({ name: 'tagged-aside', boundMs: 1_500, origin: undefined, negativeTtlMs: 0 }),
]

export const KEYSPACES = [...UNTAGGED, ...TAGGED]

/** Tags that the rows of a keyspace name: one half of the keys, and all of them. */
export const tagsOf = (keyspace: string, key: string): readonly string[] =>
  keyspace.startsWith('tagged') ? [Number(key.slice(1)) % 2 === 0 ? 'even' : 'odd', 'all'] : []

export const TAGS = ['even', 'odd', 'all'] as const

/** Those of which one key is wanted by many; the one that is not kept near more often. */
export const CROWDED = ['crowded', 'crowded', 'crowded-near'].flatMap((name) =>
  UNTAGGED.filter(({ policy }) => policy.name === name),
)

/** The others. */
export const QUIET = UNTAGGED.filter((keyspace) => !CROWDED.includes(keyspace))

/** The names of all keys in the shared tier. */
export const physicalKeys = (env: string): readonly string[] =>
  UNTAGGED.flatMap(({ policy: { name, version } }) =>
    Array.from({ length: KEYS }, (_, key) => `${keyPrefix({ env, keyspace: name, version })}:k${key}`),
  )

export function keyspace(changes: Partial<KeyspacePolicy> & { readonly name: string }): SimulatedKeyspace {
  const policy: KeyspacePolicy = {
    version: 1,
    kind: 'value',
    consistency: 'bounded',
    boundMs: 1_000,
    // Short, so that every value is also loaded anew for no other reason.
    ttlMs: 6_000,
    jitter: 0.2,
    softTtlMs: undefined,
    negativeTtlMs: 2_000,
    origin: 'rows',
    tenants: 'none',
    encoding: 'json',
    compress: undefined,
    keyPattern: undefined,
    near: true,
    nearShare: 1,
    nearGroup: undefined,
    lagMs: 0,
    maxCopies: changes.consistency === 'strong' ? 0 : 4,
    replicaReads: false,
    writes: undefined,
    maxBacklog: 0,
    coalesceMs: 0,
    degradedMs: 0,
    degradedThen: 'origin',
    ...changes,
  }
  const { name, consistency, degradedMs, origin } = policy
  // What fills a tagged keyspace by itself takes it from the rows.
  const states = origin === undefined && !name.startsWith('tagged') ? 'version' : 'origin'
  return { policy, rules: { name, strong: consistency === 'strong', degradedMs, states } }
}
