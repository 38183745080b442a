import { type Path, pathId } from './path.ts'
import type { Environment } from './variables.ts'
import type { YamlTree } from './yaml-tree.ts'

/**
 * Keys that a variable of the environment outranks, so that whoever starts the sidecar - in Kubernetes the injector, which tells the app
 * the same addresses - has the last word on them.
 */
export const OUTRANKING: Readonly<Record<string, Path>> = {
  RINGSIDE_LISTEN_GRPC: ['listen', 'grpc'],
  RINGSIDE_LISTEN_SOCKET: ['listen', 'socket'],
  RINGSIDE_LISTEN_ADMIN: ['listen', 'admin'],
  RINGSIDE_LISTEN_HEALTH: ['listen', 'health'],
  RINGSIDE_LOG_LEVEL: ['log', 'level'],
  RINGSIDE_LINGER: ['linger'],
}

/**
 * Puts what the environment says in place of what the file says; an empty variable says nothing. Returns, by path, the variables that
 * did: what is wrong there is wrong with them.
 */
export function outrank(tree: YamlTree, env: Environment): ReadonlyMap<string, string> {
  const outranked = new Map<string, string>()
  for (const [variable, path] of Object.entries(OUTRANKING)) {
    const text = env[variable]
    if (text === undefined || text === '' || !put(tree.value, path, text)) continue
    outranked.set(pathId(path), variable)
  }
  return outranked
}

/** False where the file has something else than a map on the way, which is reported as it is. */
function put(value: unknown, [step, ...rest]: Path, text: string): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || step === undefined) return false
  const map = value as Record<string, unknown>
  if (rest.length === 0) {
    map[step] = text
    return true
  }
  if (map[step] === undefined) map[step] = {}
  return put(map[step], rest, text)
}
