import { isDeepStrictEqual } from 'node:util'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Config } from './config.ts'

/**
 * Rules that each request is judged by anew, so that sidecars may differ in them for a while. All others decide where and
 * how entries are stored, or what is held for them: they wait for a restart.
 */
const HOT_RULES: ReadonlySet<keyof KeyspacePolicy> = new Set([
  'boundMs',
  'ttlMs',
  'jitter',
  'softTtlMs',
  'negativeTtlMs',
  'tenants',
  'keyPattern',
  'maxCopies',
  'replicaReads',
  'degradedMs',
  'degradedThen',
])

/** A bound is met by heartbeats, and the one in force is that of the start. */
const LEAST_HEARTBEATS = 2

type Start = Pick<Config, 'keyspaces' | 'origins' | 'heartbeatMs'>

/** Whether the keyspace of this name can become what `changed` says of it without a restart. */
export function isHotKeyspace(started: Start, changed: Config, name: string): boolean {
  const [before, after] = [named(started, name), named(changed, name)]
  // Events, and entries that wait for their origins, may still be about it.
  if (after === undefined) return before === undefined
  if (after.boundMs > 0 && after.boundMs < LEAST_HEARTBEATS * started.heartbeatMs) return false
  return before === undefined ? isHotNewcomer(started, changed, after) : differsOnlyInHotRules(before, after)
}

/** The keyspaces as they are from now on: what can change has, what cannot is as it was at the start. */
export function keyspacesInForce(started: Start, changed: Config): readonly KeyspacePolicy[] {
  const kept = started.keyspaces.map((before) => {
    const after = named(changed, before.name)
    if (after === undefined || !isHotKeyspace(started, changed, before.name)) return before
    return { ...after, nearGroup: before.nearGroup }
  })
  const newcomers = changed.keyspaces.filter(({ name }) => named(started, name) === undefined)
  return [...kept, ...newcomers.filter(({ name }) => isHotKeyspace(started, changed, name))]
}

/** What nothing has to be opened for: no share of the near cache, no backlog, and no origin but one that is open already. */
function isHotNewcomer(started: Start, changed: Config, { origin, nearShare, writes }: KeyspacePolicy): boolean {
  if (nearShare < 1 || writes === 'write-behind') return false
  if (origin === undefined) return true
  const found = started.origins.find(({ name }) => name === origin)
  return (
    found !== undefined &&
    isDeepStrictEqual(
      found,
      changed.origins.find(({ name }) => name === origin),
    )
  )
}

function differsOnlyInHotRules(before: KeyspacePolicy, after: KeyspacePolicy): boolean {
  // Its place among the others says nothing of it.
  const alike = { ...after, nearGroup: before.nearGroup }
  const rules = Object.keys({ ...before, ...after }) as (keyof KeyspacePolicy)[]
  return rules.every((rule) => HOT_RULES.has(rule) || isDeepStrictEqual(before[rule], alike[rule]))
}

function named({ keyspaces }: Pick<Config, 'keyspaces'>, name: string): KeyspacePolicy | undefined {
  return keyspaces.find((policy) => policy.name === name)
}
