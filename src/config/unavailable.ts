import { parseDuration } from '../base/duration.ts'
import { type Path, pathId } from './path.ts'
import type { Report } from './problem.ts'
import type { YamlTree } from './yaml-tree.ts'

interface Unavailable {
  /** Keys and list positions that lead to it, `*` for any. */
  readonly path: string
  /** The values that are not available; all but the off ones with `off`, and the whole key without either. */
  readonly values?: readonly string[]
  readonly off?: true
  readonly instead: string
}

/** What the configuration will know and does not yet: recognised so that it is refused instead of ignored. */
export const UNAVAILABLE: readonly Unavailable[] = [
  { path: 'near.maxShare', instead: 'remove it' },
  { path: 'keyspaces.*.replicas.wait', off: true, instead: 'use 0' },
  { path: 'keyspaces.*.locks', instead: 'remove it' },
]

/** Reports what is not available yet and takes it out of the tree, where it counts as broken. */
export function refuseUnavailable(tree: YamlTree, report: Report): void {
  for (const row of UNAVAILABLE) {
    for (const found of find(tree.value, row.path.split('.'))) {
      if (tree.broken.has(pathId(found.path)) || !isRefused(row, found.value)) continue
      // The value itself is quoted only where it is one of a few words, and so no secret.
      const what = row.values === undefined ? 'is not available yet' : `\`${found.value}\` is not available yet`
      report(found.path, `${what}; ${row.instead}`)
      tree.broken.add(pathId(found.path))
      found.remove()
    }
  }
}

function isRefused({ values, off }: Unavailable, value: unknown): boolean {
  if (values !== undefined) return values.some((refused) => refused === value)
  return off !== true || !isOff(value)
}

interface Found {
  readonly path: Path
  readonly value: unknown
  readonly remove: () => void
}

function find(value: unknown, pattern: readonly string[], path: Path = []): readonly Found[] {
  const [step, ...rest] = pattern
  if (step === undefined || typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown>
  const keys = step === '*' ? Object.keys(parent) : Object.keys(parent).filter((key) => key === step)
  return keys.flatMap((key) => {
    const inner = [...path, Array.isArray(value) ? Number(key) : key]
    if (rest.length > 0) return find(parent[key], rest, inner)
    return [{ path: inner, value: parent[key], remove: () => delete parent[key] }]
  })
}

/** Whether a value turns its feature off. An empty one is for the schema to judge. */
function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true
  if (typeof value !== 'string') return false
  const duration = parseDuration(value)
  return ['', 'off', 'false', '0'].includes(value) || (duration.ok && duration.value === 0)
}
