import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Origin } from '../origin/origin.ts'

/** For what an origin's own clock, and the way there, may add to its timeouts. */
const MARGIN_MS = 1_000

/**
 * How long after a write has begun its origin may still change, or answer what was there before, though nobody is there
 * any more who knows of it: its deadline, as long again until the origin itself has ended it, and its lag.
 */
export function intentLifeMs({ lagMs }: KeyspacePolicy, { timeoutMs }: Pick<Origin, 'timeoutMs'>): number {
  return 2 * timeoutMs + lagMs + MARGIN_MS
}
