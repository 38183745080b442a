import type { Chance } from '../base/chance.ts'

const FIRST_MS = 50
const MOST_MS = 2_000
/** A server that comes back is dialled by one sidecar in so many milliseconds … */
const SPACE_MS = 1
/** … as long as no sidecar waits longer for that. */
const MOST_SPREAD_MS = 4_000

/**
 * How long to wait before a server is dialled again, after so many attempts since a line to it was last open. What all
 * sidecars lose at one moment they would dial at one moment: so the larger the fleet, the wider the first attempts, too,
 * are spread.
 */
export function redialMs(attempts: number, fleet: number, chance: Chance): number {
  const usualMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempts, 10))
  const widthMs = Math.max(usualMs, Math.min(MOST_SPREAD_MS, fleet * SPACE_MS))
  // The first attempts may begin at once; the next ones come no closer together than those did.
  const leastMs = attempts === 0 ? usualMs / 2 : widthMs / 2
  return leastMs + widthMs * chance.uniform()
}
