import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config.ts'
import { isHotKeyspace } from './hot-keyspaces.ts'
import type { NodeConfig } from './sections/shards.ts'

/** Parts of a configuration that take effect while a sidecar runs, as they are written in the file. */
export const HOT: ReadonlySet<string> = new Set([
  'log.level',
  'shards.nodes',
  'keyspaces',
  'limits.inFlight',
  'limits.loopLag',
  'limits.memory',
])

/** What a section, or a part of one, is called in the file, where that differs. */
const NAMES: Readonly<Record<string, string>> = {
  heartbeatMs: 'heartbeat',
  drainMs: 'drain',
  lingerMs: 'linger',
  'lease.ttlMs': 'lease.ttl',
  'lease.waitMs': 'lease.wait',
  'limits.valueBytes': 'limits.value',
  'limits.loopLagMs': 'limits.loopLag',
  'limits.memoryBytes': 'limits.memory',
  'audit.originShare': 'audit.origin',
  'locks.maxTtlMs': 'locks.maxTtl',
  'shards.timeoutMs': 'shards.timeout',
}

const KEYSPACE = 'keyspaces.'

export interface ConfigChanges {
  /** In force from now on. */
  readonly hot: readonly string[]
  /** In force after a restart. */
  readonly cold: readonly string[]
}

/**
 * Where two configurations differ: by key of a section, by the name of an origin or a keyspace. `started` is the one that
 * the sidecar was started with, by which it is judged what can change.
 */
export function configChanges(before: Config, after: Config, started = before): ConfigChanges {
  const changed = [...changedSections(before, after)]
  const isHot = (path: string) => {
    if (path === 'shards.nodes') return !movesNodes(before, after)
    if (path.startsWith(KEYSPACE)) return isHotKeyspace(started, after, path.slice(KEYSPACE.length))
    return HOT.has(path)
  }
  return { hot: changed.filter(isHot), cold: changed.filter((path) => !isHot(path)) }
}

/**
 * Whether any node is found elsewhere than before. Sidecars that learn of that at different times would take two servers
 * for one shard: nodes come and go while a sidecar runs, they do not move.
 */
export function movesNodes({ shards: before }: Config, { shards: after }: Config): boolean {
  if (before.topology !== 'ring' || after.topology !== 'ring') return true
  const known = new Map(before.nodes.map((node) => [node.name, placeOf(node)]))
  return after.nodes.some((node) => !isDeepStrictEqual(known.get(node.name) ?? placeOf(node), placeOf(node)))
}

function placeOf({ weight: _weight, state: _state, ...place }: NodeConfig): object {
  return place
}

function* changedSections(before: Config, after: Config): Iterable<string> {
  for (const section of Object.keys({ ...before, ...after }) as (keyof Config)[]) {
    const [old, now] = [before[section], after[section]]
    if (isDeepStrictEqual(old, now)) continue
    const name = NAMES[section] ?? section
    const [parts, others] = [byName(old), byName(now)]
    if (parts === undefined || others === undefined) yield name
    else for (const part of changedParts(parts, others)) yield NAMES[`${name}.${part}`] ?? `${name}.${part}`
  }
}

function changedParts(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)))
}

/** The parts of a section; `undefined` for one that has none. */
function byName(section: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(section)) return new Map(section.map((one: { readonly name: string }) => [one.name, one]))
  return typeof section === 'object' && section !== null ? new Map(Object.entries(section)) : undefined
}
