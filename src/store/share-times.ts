/** A share outlives two heartbeats that are lost. */
const LEASE_HEARTBEATS = 3
const LEAST_LEASE_MS = 300
/**
 * A call leaves before its deadline and may be cancelled only at that, as a rule; the database ends it one `timeout`
 * (its `statement_timeout`) after it has come in. The rest is for its way there, and for clocks that differ in speed.
 */
const SETTLE_TIMEOUTS = 2
const SETTLE_MARGIN_MS = 500
/** How long a share is good for. */
export function leaseMsFor(heartbeatMs: number): number {
  return Math.max(LEAST_LEASE_MS, LEASE_HEARTBEATS * heartbeatMs)
}

/** After so many ms nothing of a sidecar that died runs at the origin any more. */
export function settleMsFor(timeoutMs: number): number {
  return SETTLE_TIMEOUTS * timeoutMs + SETTLE_MARGIN_MS
}
