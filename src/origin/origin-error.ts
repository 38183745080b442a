import { RingsideError } from '../base/errors.ts'
import type { Verdict } from '../guard/breaker.ts'
import type { StoreOutcome } from './origin.ts'

/** Long enough to spread the retries of a fleet, short enough not to outlast a restart of the origin by much. */
const RETRY_AFTER_MS = 1_000
const COLLIDED_RETRY_MS = 50

/**
 * The origin is well, but for at least one of the keys it was asked for together it cannot answer at all. A caller that
 * asks again in parts finds which. Says nothing about the origin's health.
 */
export class UnanswerableKeys extends RingsideError {}

/** The connection broke before there was an answer: another one may bring it. */
export class ConnectionLost extends RingsideError {}

/** The origin is well, and takes at least one of the changes for wrong: trying again is of no use. Nothing was changed. */
export class ChangesRefused extends RingsideError {}

/** The origin is well, and others were changing the same: trying again may help. Nothing was changed. */
export class ChangesCollided extends RingsideError {}

/** `what` completes "origin NAME …". */
export function changesRefused(origin: string, what: string, cause?: unknown): ChangesRefused {
  return new ChangesRefused('WRITE_REFUSED', `origin ${origin} ${what}`, {
    cause,
    metadata: { origin, outcome: 'unchanged' },
  })
}

export function changesCollided(origin: string, cause: unknown): ChangesCollided {
  return new ChangesCollided('ORIGIN_UNAVAILABLE', `origin ${origin} was changing the same for others`, {
    retryAfterMs: COLLIDED_RETRY_MS,
    cause,
    metadata: { origin, outcome: 'unchanged' },
  })
}

/** The error of a store, saying what is known of its changes; what it says already it knows better. */
export function withOutcome(error: RingsideError, outcome: StoreOutcome): RingsideError {
  if (error.metadata.outcome !== undefined) return error
  const { reason, message, retryAfterMs, metadata } = error
  return new RingsideError(reason, message, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    metadata: { ...metadata, outcome },
  })
}

export function connectionLost(origin: string, what: string, cause: unknown): ConnectionLost {
  return new ConnectionLost('ORIGIN_UNAVAILABLE', `origin ${origin} ${what}`, {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
    metadata: { origin },
  })
}

/** `what` completes "origin NAME …" and holds neither values nor secrets; `cause` is the driver's error. */
export function originUnavailable(origin: string, what: string, cause?: unknown): RingsideError {
  return new RingsideError('ORIGIN_UNAVAILABLE', `origin ${origin} ${what}`, {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
    metadata: { origin },
  })
}

/** What an adapter's error says about its origin's health. */
export function originVerdict(error: unknown): Verdict {
  const isWell =
    error instanceof UnanswerableKeys || error instanceof ChangesRefused || error instanceof ChangesCollided
  return isWell ? 'refusal' : 'failure'
}
