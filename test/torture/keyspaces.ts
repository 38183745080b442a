import type { KeyspaceRules } from '../simulation/history.ts'

/** A keyspace under torture: what the history judges it by, and what the sidecars are told. */
export interface TorturedKeyspace extends KeyspaceRules {
  readonly boundMs: number
  readonly degradedThen: 'origin' | 'stale' | undefined
  readonly ttlMs: number
  readonly softTtlMs?: number
}

export const HEARTBEAT_MS = 500
export const KEYS_PER_KEYSPACE = 30

/** TTLs are short, so that every value is also loaded anew for no other reason. */
export const KEYSPACES: readonly TorturedKeyspace[] = [
  { name: 'strict', strong: true, boundMs: 0, degradedMs: 0, degradedThen: undefined, ttlMs: 20_000, states: 'origin' },
  {
    name: 'bounded',
    strong: false,
    boundMs: 2_000,
    degradedMs: 0,
    degradedThen: undefined,
    ttlMs: 10_000,
    softTtlMs: 5_000,
    states: 'origin',
  },
  {
    name: 'degrading',
    strong: false,
    boundMs: 1_000,
    degradedMs: 20_000,
    degradedThen: 'stale',
    ttlMs: 10_000,
    states: 'origin',
  },
  {
    name: 'aside-strict',
    strong: true,
    boundMs: 0,
    degradedMs: 0,
    degradedThen: undefined,
    ttlMs: 20_000,
    states: 'version',
  },
  {
    name: 'aside',
    strong: false,
    boundMs: 2_000,
    degradedMs: 15_000,
    degradedThen: 'stale',
    ttlMs: 20_000,
    states: 'version',
  },
]

/** Where one sidecar finds a shard. */
export interface ShardAddress {
  readonly name: string
  readonly primary: string
  readonly replicas: readonly string[]
}

/** The configuration of a sidecar, without `listen`. */
export function sidecarConfig(shards: readonly ShardAddress[], originTarget: string, extra = ''): string {
  const nodes = shards.map(({ name, primary, replicas }) => ({
    name,
    primary,
    ...(replicas.length === 0 ? {} : { replicas }),
  }))
  const readsReplicas = shards.some(({ replicas }) => replicas.length > 0)
  return tierConfig({ topology: 'ring', nodes }, originTarget, readsReplicas, extra)
}

/** The same for any shared tier. */
export function tierConfig(shards: object, originTarget: string, readsReplicas = false, extra = ''): string {
  const keyspaces = KEYSPACES.map((keyspace) => [keyspace.name, policyOf(keyspace, readsReplicas)])
  return [
    'env: torture',
    `heartbeat: ${HEARTBEAT_MS}ms`,
    `shards: ${JSON.stringify(shards)}`,
    `origins: { model: { type: grpc, target: "${originTarget}", timeout: 1s } }`,
    `keyspaces: ${JSON.stringify(Object.fromEntries(keyspaces))}`,
    extra,
  ].join('\n')
}

function policyOf(keyspace: TorturedKeyspace, readsReplicas: boolean): object {
  const { strong, boundMs, degradedMs, degradedThen, ttlMs, softTtlMs, states } = keyspace
  const degraded = Object.fromEntries([
    ['maxStaleness', `${degradedMs}ms`],
    ['then', degradedThen],
  ])
  return {
    consistency: strong ? 'strong' : 'bounded',
    ttl: `${ttlMs}ms`,
    ...(strong ? {} : { maxStaleness: `${boundMs}ms` }),
    ...(softTtlMs === undefined ? {} : { softTtl: `${softTtlMs}ms` }),
    ...(degradedThen === undefined ? {} : { degraded }),
    ...(states === 'origin' ? { origin: 'model' } : {}),
    ...(readsReplicas && !strong ? { replicas: { read: true } } : {}),
  }
}
