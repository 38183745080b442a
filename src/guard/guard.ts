import type { Clock } from '../base/clock.ts'
import type { AdaptiveLimit, Share } from './adaptive-limit.ts'
import { type Breaker, type BreakerOpen, type BreakerState, JudgedError, type Verdict } from './breaker.ts'
import { type Admission, Bulkhead } from './bulkhead.ts'
import { type CallContext, DepartedCall } from './departed-call.ts'

export interface GuardOptions {
  readonly name: string
  /** Default time for a call, waiting included. */
  readonly timeoutMs: number
  /** Without an adaptive limit, this many calls may run at once. */
  readonly maxConcurrent: number
  readonly maxWaiting: number
}

export interface GuardParts {
  readonly clock: Clock
  readonly breaker: Breaker
  /** Finds the limit; without one it is fixed. */
  readonly limit?: AdaptiveLimit
  readonly onClose?: () => void
}

export type Refusal = 'limit' | 'deadline' | 'breaker'

export interface GuardStats {
  /** How many may be in flight at present. */
  readonly limit: number
  /** What the limit may rise to at present. */
  readonly share: number
  /** Calls that have not settled, those whose callers gave up included. */
  readonly inFlight: number
  readonly waiting: number
  /** Calls that never left, by reason. */
  readonly rejected: Readonly<Record<Refusal, number>>
}

/** The call never left: the queue was full, no place came free in time, or the breaker is open. */
export class GuardRefused extends JudgedError {
  override readonly name = 'GuardRefused'
  override readonly verdict = 'refusal'
  readonly why: Refusal
  /** What a caller should wait before it tries again. */
  readonly retryAfterMs: number

  constructor(guard: string, why: Refusal, retryAfterMs: number) {
    super(`guard ${guard} refused the call: ${why}`)
    this.why = why
    this.retryAfterMs = retryAfterMs
  }
}

/** The call left, and there was no answer by its deadline. */
export class GuardTimeout extends JudgedError {
  override readonly name = 'GuardTimeout'
  override readonly verdict: Verdict

  constructor(guard: string, ranForMs: number, verdict: Verdict) {
    super(`guard ${guard}: no answer after ${Math.round(ranForMs)} ms`)
    this.verdict = verdict
  }
}

/**
 * Stands in front of one outward dependency: breaker, then bulkhead, then a deadline. A caller is answered by its
 * deadline whatever the call does; the call's place is free again only when the call itself has settled, so that what
 * runs at the dependency stays within the limit though callers gave up.
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #clock: Clock
  readonly #breaker: Breaker
  readonly #bulkhead: Bulkhead
  readonly #limit: AdaptiveLimit | undefined
  readonly #onClose: () => void
  readonly #rejected: Record<Refusal, number> = { limit: 0, deadline: 0, breaker: 0 }

  constructor(options: GuardOptions, parts: GuardParts) {
    this.#options = options
    this.#clock = parts.clock
    this.#breaker = parts.breaker
    this.#limit = parts.limit
    this.#onClose = parts.onClose ?? (() => undefined)
    const limit = parts.limit ?? { current: options.maxConcurrent, typicalMs: undefined }
    this.#bulkhead = new Bulkhead(options, { clock: parts.clock, limit })
  }

  /**
   * Rejects with `GuardRefused` or `GuardTimeout`, else settles as `call` does. `deadlineAt`, on the monotonic clock,
   * covers waiting and running.
   */
  async run<T>(
    call: (context: CallContext) => Promise<T>,
    deadlineAt = this.#clock.now() + this.#options.timeoutMs,
  ): Promise<T> {
    const refused = this.#refusalOfBreaker() ?? this.#refusalToQueue()
    if (refused !== undefined) throw refused
    const entering = this.#bulkhead.enter(deadlineAt)
    const waited = typeof entering !== 'string'
    const admission: Admission = waited ? await entering : entering
    if (admission !== 'entered') throw this.#refuse(admission, this.#options.timeoutMs)
    const refusedAfterWaiting = waited ? this.#refusalOfBreaker() : undefined
    if (refusedAfterWaiting !== undefined) {
      this.#bulkhead.leave()
      throw refusedAfterWaiting
    }
    // No await since the breaker was asked, so it lets this call run.
    return this.#breaker.run(() => this.#depart(call, deadlineAt))
  }

  state(): BreakerState {
    return this.#breaker.state()
  }

  /** Why the breaker would refuse a call now; `undefined` when it would not. */
  refusal(): BreakerOpen | undefined {
    return this.#breaker.refusal()
  }

  /** How many may be in flight at present. */
  get limit(): number {
    return this.#limit?.current ?? this.#options.maxConcurrent
  }

  /** How much of its most may be used now. */
  get share(): number {
    return this.#limit?.share ?? this.#options.maxConcurrent
  }

  /** Calls that would have a place at once. */
  get room(): number {
    const { running, waiting } = this.#bulkhead
    return Math.max(0, this.limit - running - waiting)
  }

  /** How long a call takes of late; `undefined` while that is unknown. */
  get typicalMs(): number | undefined {
    return this.#limit?.typicalMs
  }

  /** For a queue of the caller's own in front: has `onRoom` run when a place came free that nobody waited for here. */
  watchRoom(onRoom: () => void): void {
    this.#bulkhead.watch(onRoom)
  }

  stats(): GuardStats {
    const { running: inFlight, waiting } = this.#bulkhead
    const { limit, share } = this
    return { limit, share, inFlight, waiting, rejected: { ...this.#rejected } }
  }

  /**
   * How many calls are under way, and how many would be, as far as is known, if the share allowed it; `inFront` wait in a
   * queue of the caller's own.
   */
  demand(inFront = 0): { readonly running: number; readonly wanted: number } {
    const { running, waiting } = this.#bulkhead
    const useful = this.#limit?.usefulShare ?? this.#options.maxConcurrent
    return { running, wanted: Math.min(running + waiting + inFront, useful) }
  }

  /** Changes what an adaptive limit may rise to; what runs beyond it is left to settle. */
  setShare(share: Share): void {
    this.#limit?.setShare(share)
    this.#bulkhead.admit()
  }

  /** Refuses all further calls; those under way are left to settle. */
  close(): void {
    this.#breaker.close()
    this.#onClose()
  }

  #depart<T>(call: (context: CallContext) => Promise<T>, deadlineAt: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const sentAt = this.#clock.now()
      const context = new DepartedCall(deadlineAt)
      let isTimedOut = false
      const timer = this.#clock.after(deadlineAt - sentAt, () => {
        const ranForMs = this.#clock.now() - sentAt
        // What waited long had little time left for the call itself: that says nothing about the dependency.
        const cutShort = ranForMs < this.#options.timeoutMs / 2
        const timeout = new GuardTimeout(this.#options.name, ranForMs, cutShort ? 'refusal' : 'failure')
        isTimedOut = true
        this.#limit?.failed(sentAt, this.#bulkhead.running, timeout)
        reject(timeout)
        context.abort(timeout)
      })
      // First the outcome, then the place: so the breaker has judged it before the next in the queue looks there.
      const settle = (report: () => void) => {
        timer.cancel()
        report()
        this.#bulkhead.leave()
      }
      start(call, context).then(
        (result) =>
          settle(() => {
            if (!isTimedOut) this.#limit?.answered(sentAt, this.#bulkhead.running)
            resolve(result)
          }),
        (error: unknown) =>
          settle(() => {
            if (!isTimedOut) this.#limit?.failed(sentAt, this.#bulkhead.running, error)
            reject(error)
          }),
      )
    })
  }

  #refusalOfBreaker(): GuardRefused | undefined {
    const refusal = this.#breaker.refusal()
    return refusal === undefined ? undefined : this.#refuse('breaker', refusal.retryAfterMs)
  }

  /** A probe does not queue: behind calls that hang no place comes free, and all who came would wait with it. */
  #refusalToQueue(): GuardRefused | undefined {
    if (this.#breaker.state() !== 'half-open' || this.#bulkhead.hasRoom) return undefined
    return this.#refuse('breaker', this.#options.timeoutMs)
  }

  /** A full queue has emptied itself, one way or the other, after the time that each in it may wait. */
  #refuse(why: Refusal, retryAfterMs: number): GuardRefused {
    this.#rejected[why] += 1
    return new GuardRefused(this.#options.name, why, retryAfterMs)
  }
}

/** A synchronous throw of `call` becomes a rejection like any other. */
async function start<T>(call: (context: CallContext) => Promise<T>, context: CallContext): Promise<T> {
  return call(context)
}
