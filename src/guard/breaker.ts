/** `closed` passes calls, `open` refuses them at once, `half-open` lets a single probe through. */
export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  readonly name: string
  /** This many failures in a row open the breaker. */
  readonly consecutiveFailures: number
  /** So does this share of failures (0..1] within the window … */
  readonly failureRatio: number
  /** … once the window has seen at least this many calls. */
  readonly minimumCalls: number
  readonly windowMs: number
  /** How long it stays open before a probe; each opening adds up to `jitter` (0..1) of it at random. */
  readonly openForMs: number
  readonly jitter: number
  /** What calls may take, and the share of slower ones (0..1] that opens it too; `undefined` = however slow. */
  readonly slow: SlowCalls | undefined
}

export interface SlowCalls {
  /** A call is slow that has its result, and took longer than this. */
  readonly afterMs: number
  /** Of `minimumCalls` or more within the window. */
  readonly ratio: number
}

/** What the breaker makes of an error: a `refusal` says nothing about the dependency's health and is not counted. */
export type Verdict = 'failure' | 'refusal'

/**
 * Decides whether a dependency may be called. It opens on consecutive failures, on a share of failures or of slow calls,
 * refuses while open, and after `openForMs` (jittered) lets exactly one call probe: success closes it, failure or
 * slowness opens it again, and a refusal leaves it half-open for the next probe.
 *
 * Closing forgets what was counted. A call that was begun before the last opening or closing counts for nothing: its
 * outcome is old news. Calls are expected to settle within a deadline of their own, the probe above all.
 */
export interface Breaker {
  readonly name: string
  state(): BreakerState
  /** What `run` would reject with, asked now; `undefined` when it would call. */
  refusal(): BreakerOpen | undefined
  /** Rejects with `BreakerOpen` without calling when it refuses; otherwise settles as `call` does. */
  run<T>(call: () => Promise<T>): Promise<T>
  stats(): BreakerStats
  /** Stops its timers; every later call is refused. */
  close(): void
}

export interface BreakerStats {
  /** How often it has opened. */
  readonly opened: number
  /** Failed calls, late ones included. */
  readonly failures: number
  /** Slow calls, likewise. */
  readonly slow: number
}

export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen'
  /** Until the next probe is allowed, in milliseconds. */
  readonly retryAfterMs: number

  constructor(breaker: string, retryAfterMs: number) {
    super(`circuit breaker ${breaker} is open`)
    this.retryAfterMs = retryAfterMs
  }
}

/** An error that brings its verdict with it: the breaker's classifier is not asked. */
export abstract class JudgedError extends Error {
  abstract readonly verdict: Verdict
}
