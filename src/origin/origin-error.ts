import { RingsideError } from '../base/errors.ts'

/** Long enough to spread the retries of a fleet, short enough not to outlast a restart of the origin by much. */
const RETRY_AFTER_MS = 1_000

/**
 * The origin is well, but for at least one of the keys it was asked for together it cannot answer at all. A caller that
 * asks again in parts finds which. Says nothing about the origin's health.
 */
export class UnanswerableKeys extends RingsideError {}

/** The connection broke before there was an answer: another one may bring it. */
export class ConnectionLost extends RingsideError {}

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
