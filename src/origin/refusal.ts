import { RingsideError } from '../base/errors.ts'

/**
 * Why a key is not asked for. `limit`: as many wait as may. `displaced`: it waited, and made room for others. `deadline`:
 * no place came free in time. `hopeless`: there was none, and the origin takes longer than the reader can wait.
 * `yielded`: nobody waits for it, and the origin had nothing to spare. `breaker`: the origin is failing. `retries`: it
 * would have had to be asked for again, and the budget for that is used up.
 */
export type OriginRefusal = 'limit' | 'displaced' | 'deadline' | 'hopeless' | 'yielded' | 'breaker' | 'retries'

/** How often each has happened: not once yet. */
export function noRefusals(): Record<OriginRefusal, number> {
  return { limit: 0, displaced: 0, deadline: 0, hopeless: 0, yielded: 0, breaker: 0, retries: 0 }
}

/** What the reader is told; each completes "origin NAME …". */
const TOLD: Readonly<Record<OriginRefusal, string>> = {
  limit: 'has too many keys waiting for it',
  displaced: 'has too many keys waiting for it, and this one made room',
  deadline: 'had no place free in time',
  hopeless: 'has no place free, and takes longer to answer than this call can wait',
  yielded: 'has nothing to spare for loads that nobody waits for',
  breaker: 'is failing and gets a pause',
  retries: 'failed on keys that were asked for together, and has been asked again too often of late',
}

/** Of the origin's health rather than of its limits. */
const UNAVAILABLE: ReadonlySet<OriginRefusal> = new Set(['breaker', 'retries'])

export function refusalError(
  origin: string,
  why: OriginRefusal,
  detail: { readonly retryAfterMs: number; readonly cause?: unknown },
): RingsideError {
  const reason = UNAVAILABLE.has(why) ? 'ORIGIN_UNAVAILABLE' : 'ORIGIN_LIMIT'
  return new RingsideError(reason, `origin ${origin} ${TOLD[why]}`, { ...detail, metadata: { origin } })
}
