import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import {
  type Breaker,
  BreakerOpen,
  type BreakerOptions,
  type BreakerState,
  type BreakerStats,
  JudgedError,
  type Verdict,
} from './breaker.ts'
import { CallWindow } from './call-window.ts'

export interface BreakerParts {
  readonly clock: Clock
  readonly chance: Chance
  /** What an error says about the dependency; asked for every error that is not a `JudgedError`. */
  readonly classify: (error: unknown) => Verdict
}

/** How a call that counts has ended. */
type Ending = 'well' | 'slow' | 'failed'

/**
 * What a call means to a breaker: who may pass, which outcome counts, when it opens and closes. A subclass keeps the
 * state, the window of counts and the time until the next probe.
 */
export abstract class GatedBreaker implements Breaker {
  readonly name: string
  protected readonly options: BreakerOptions
  protected readonly clock: Clock
  readonly #chance: Chance
  readonly #classify: (error: unknown) => Verdict
  readonly #slowness: CallWindow
  #era = 0
  #failuresInARow = 0
  #probing = false
  #shut = false
  #opened = 0
  #failures = 0
  #slow = 0

  constructor(options: BreakerOptions, parts: BreakerParts) {
    this.name = options.name
    this.options = options
    this.clock = parts.clock
    this.#chance = parts.chance
    this.#classify = parts.classify
    this.#slowness = new CallWindow(parts.clock, options.windowMs)
  }

  protected abstract current(): BreakerState
  /** Adds a call to the window, and tells whether the window now calls for opening. */
  protected abstract count(failed: boolean): boolean
  /** Goes to `open`, and by itself to `half-open` after `drawOpenForMs`. */
  protected abstract open(): void
  /** Goes from `half-open` to `closed` with an empty window. */
  protected abstract reset(): void
  /** Milliseconds until it goes to `half-open`; asked only while `open`. */
  protected abstract untilProbeMs(): number
  protected abstract shutdown(): void

  state(): BreakerState {
    return this.#shut ? 'open' : this.current()
  }

  refusal(): BreakerOpen | undefined {
    if (this.#shut) return new BreakerOpen(this.name, this.options.openForMs)
    switch (this.current()) {
      case 'closed':
        return undefined
      case 'open':
        return new BreakerOpen(this.name, Math.max(0, this.untilProbeMs()))
      case 'half-open':
        // The probe decides; should it fail, the wait is this long.
        return this.#probing ? new BreakerOpen(this.name, this.options.openForMs) : undefined
    }
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const refusal = this.refusal()
    if (refusal !== undefined) throw refusal
    const era = this.#era
    const startedAt = this.clock.now()
    this.#probing = this.current() === 'half-open'
    try {
      const result = await call()
      const { slow } = this.options
      this.#judge(slow !== undefined && this.clock.now() - startedAt > slow.afterMs ? 'slow' : 'well', era)
      return result
    } catch (error) {
      const verdict = error instanceof JudgedError ? error.verdict : this.#classify(error)
      if (verdict === 'failure') this.#judge('failed', era)
      else if (era === this.#era) this.#probing = false
      throw error
    }
  }

  stats(): BreakerStats {
    return { opened: this.#opened, failures: this.#failures, slow: this.#slow }
  }

  close(): void {
    if (this.#shut) return
    this.#shut = true
    this.#era += 1
    this.shutdown()
  }

  protected drawOpenForMs(): number {
    const { openForMs, jitter } = this.options
    return openForMs * (1 + jitter * this.#chance.uniform())
  }

  #judge(ending: Ending, era: number): void {
    if (ending === 'failed') this.#failures += 1
    if (ending === 'slow') this.#slow += 1
    if (era !== this.#era) return
    if (this.#probing) {
      if (ending === 'well') this.#close()
      else this.#open()
      return
    }
    const isFailed = ending === 'failed'
    this.#failuresInARow = isFailed ? this.#failuresInARow + 1 : 0
    const hasTooManyFailed = this.count(isFailed)
    if (isFailed && (hasTooManyFailed || this.#failuresInARow >= this.options.consecutiveFailures)) this.#open()
    else if (this.#isTooSlow(ending)) this.#open()
  }

  #isTooSlow(ending: Ending): boolean {
    const { slow, minimumCalls } = this.options
    if (slow === undefined) return false
    this.#slowness.add(ending === 'slow')
    return ending === 'slow' && this.#slowness.hasReached(slow.ratio, minimumCalls)
  }

  #open(): void {
    this.#turn()
    this.#opened += 1
    this.open()
  }

  #close(): void {
    this.#turn()
    this.reset()
  }

  #turn(): void {
    this.#era += 1
    this.#failuresInARow = 0
    this.#slowness.clear()
    this.#probing = false
  }
}
