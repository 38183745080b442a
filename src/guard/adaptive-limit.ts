import type { Clock } from '../base/clock.ts'
import { JudgedError, type Verdict } from './breaker.ts'
import type { ConcurrencyLimit } from './bulkhead.ts'

export interface AdaptiveLimitOptions {
  /** It starts here and never adapts below, though its share may be smaller; at least 1. */
  readonly floor: number
  /** Never exceeded; at least `floor`. */
  readonly ceiling: number
}

/** What of the ceiling may be used: `most` until a monotonic moment, `after` from then on; 0 = no call may leave. */
export interface Share {
  readonly most: number
  readonly until: number
  readonly after: number
}

export interface AdaptiveLimitParts {
  readonly clock: Clock
  readonly classify: (error: unknown) => Verdict
}

/** Calls that were sent since the limit last changed: older ones tell of another limit. */
interface Round {
  readonly since: number
  answered: number
  answeredMs: number
  failed: number
  /** Most calls seen under way at once. */
  peak: number
}

/** A round judges this many calls, or as many as the limit lets run at once … */
const LEAST_CALLS = 10
/** … and at the start, when there is little to lose, this many. */
const LEAST_CALLS_AT_START = 2
/** Calls that take so many times longer than those of an idle dependency stand in a queue there. */
const TOLERANCE = 2
/** A round takes at most this share of the limit away … */
const MOST_CUT = 0.5
/** … and this share stays when too many calls failed. */
const KEPT_ON_FAILURE = 0.7
/** Above this share failures are more than the odd bad query. */
const TOLERATED_FAILURES = 0.1
/** Weight of a slower mean in the baseline, and of one call in what is typical. */
const WEIGHT = 1 / 4
const TYPICAL_WEIGHT = 1 / 8

/**
 * Finds how many calls a dependency takes at once before they merely queue inside it. Each round it compares how long
 * calls take with how long they take when little runs: by their ratio the limit is cut, and while they take no longer
 * and the limit is what holds them, it grows by its square root. Too many failures cut it by a fixed share. Until it was
 * cut for the first time it doubles, in shorter rounds: by steps of a root, what takes a second each would take long to
 * be loaded as fast as it can be, just when everything is cold.
 *
 * After the gradient limits of Netflix' concurrency-limits (https://github.com/Netflix/concurrency-limits: the latency
 * ratio, the square root as headroom, no growth while unused) and TCP (RFC 5681: slow start, and multiplicative decrease
 * at most once per round trip). The baseline differs: it follows slower calls only while no more than the floor run, when the
 * slowness cannot be the limit's doing (as BBR probes for its round trip, https://queue.acm.org/detail.cfm?id=3022184),
 * so that a long overload does not become the norm.
 */
export class AdaptiveLimit implements ConcurrencyLimit {
  readonly #options: AdaptiveLimitOptions
  readonly #clock: Clock
  readonly #classify: (error: unknown) => Verdict
  #share: Share
  /** Fractional, so that small steps add up. */
  #limit: number
  /** Below it the limit doubles. */
  #startsUntil = Number.POSITIVE_INFINITY
  #baselineMs: number | undefined
  #typicalMs: number | undefined
  #round: Round

  constructor(options: AdaptiveLimitOptions, parts: AdaptiveLimitParts) {
    this.#options = options
    this.#clock = parts.clock
    this.#classify = parts.classify
    this.#share = { most: options.ceiling, until: Number.POSITIVE_INFINITY, after: options.ceiling }
    this.#limit = options.floor
    this.#round = this.#newRound()
  }

  get current(): number {
    return Math.floor(this.#inForce)
  }

  /** What may be used of the ceiling now. */
  get share(): number {
    const { most, until, after } = this.#share
    return Math.min(this.#clock.now() < until ? most : after, this.#options.ceiling)
  }

  /** How large a share would be of use, as far as is known: not much more than what holds calls back anyway. */
  get usefulShare(): number {
    return Math.min(Math.floor(this.#limit + this.#step), this.#options.ceiling)
  }

  get typicalMs(): number | undefined {
    return this.#typicalMs
  }

  /**
   * Holds it to a share from now on. What it has learned outlives a small share. The share runs out by itself: it is
   * looked at whenever the limit is, so that a process that stood still does not go on with what it had.
   */
  setShare(share: Share): void {
    const before = this.current
    this.#share = share
    if (this.current !== before) this.#round = this.#newRound()
  }

  /** A call has its answer; `running` counts those under way, itself included. */
  answered(sentAt: number, running: number): void {
    const ranForMs = this.#learnTypical(sentAt)
    if (sentAt < this.#round.since) return
    this.#round.answered += 1
    this.#round.answeredMs += ranForMs
    this.#judge(running)
  }

  /** Likewise, and with what it failed; a `refusal` counts for nothing. */
  failed(sentAt: number, running: number, error: unknown): void {
    const verdict = error instanceof JudgedError ? error.verdict : this.#classify(error)
    if (verdict === 'refusal') return
    this.#learnTypical(sentAt)
    if (sentAt < this.#round.since) return
    this.#round.failed += 1
    this.#judge(running)
  }

  get #inForce(): number {
    return Math.min(this.#limit, this.share)
  }

  get #isStarting(): boolean {
    return this.#limit < this.#startsUntil
  }

  get #step(): number {
    return this.#isStarting ? this.#limit : Math.sqrt(this.#limit)
  }

  #judge(running: number): void {
    const round = this.#round
    round.peak = Math.max(round.peak, running)
    const size = Math.max(this.#isStarting ? LEAST_CALLS_AT_START : LEAST_CALLS, this.current)
    if (round.failed > size * TOLERATED_FAILURES) {
      this.#cut(KEPT_ON_FAILURE)
    } else if (round.answered + round.failed >= size) {
      const meanMs = round.answeredMs / round.answered
      const ratio = (TOLERANCE * this.#learnBaseline(meanMs, round.peak)) / meanMs
      if (ratio < 1) this.#cut(Math.max(MOST_CUT, ratio))
      else if (this.#limit < this.share + 1 && round.peak >= this.current) this.#set(this.#limit + this.#step)
      else this.#round = this.#newRound()
    }
  }

  #learnBaseline(meanMs: number, peak: number): number {
    const baselineMs = this.#baselineMs ?? meanMs
    const isIdle = peak <= this.#options.floor
    // Down at once: after a slow spell the limit must not grow by a measure that lags behind.
    this.#baselineMs = Math.min(meanMs, isIdle ? baselineMs + (meanMs - baselineMs) * WEIGHT : baselineMs)
    return this.#baselineMs
  }

  #learnTypical(sentAt: number): number {
    const ranForMs = this.#clock.now() - sentAt
    const typicalMs = this.#typicalMs ?? ranForMs
    this.#typicalMs = typicalMs + (ranForMs - typicalMs) * TYPICAL_WEIGHT
    return ranForMs
  }

  #cut(kept: number): void {
    this.#set(this.#inForce * kept)
    this.#startsUntil = this.#limit
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.#options.ceiling, Math.max(this.#options.floor, limit))
    this.#round = this.#newRound()
  }

  #newRound(): Round {
    return { since: this.#clock.now(), answered: 0, answeredMs: 0, failed: 0, peak: 0 }
  }
}
