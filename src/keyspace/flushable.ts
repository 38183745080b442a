import { keyspaceIn } from './physical-key.ts'

const COPY = /^~c\d+(\.\d+)?:/

/**
 * Whether what lies under a name of the shared tier is a cached value of this environment, or a copy of one, in a keyspace of
 * which `holdsValues` says that it holds some. Control keys, tags, locks and whatever else is named with a `~` are not.
 */
export function isFlushable(name: string, env: string, holdsValues: (keyspace: string) => boolean): boolean {
  if (!name.startsWith(`${env}:`)) return false
  const keyspace = keyspaceIn(name)
  const rest = /^v\d+:(.*)$/s.exec(name.slice(env.length + keyspace.length + 2))?.[1]
  if (rest === undefined || !holdsValues(keyspace)) return false
  return !rest.startsWith('~') || COPY.test(rest)
}
