import type { Timer } from '../base/clock.ts'
import type { BreakerOptions, BreakerState } from './breaker.ts'
import { CallWindow } from './call-window.ts'
import { type BreakerParts, GatedBreaker } from './gated-breaker.ts'

type State =
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly probeAt: number; readonly timer: Timer }
  | { readonly is: 'half-open' }

/** A breaker with no other source of time than its clock: for simulation, where whole fleets run on one moved by hand. */
export class ClockedBreaker extends GatedBreaker {
  readonly #failures: CallWindow
  #state: State = { is: 'closed' }

  constructor(options: BreakerOptions, parts: BreakerParts) {
    super(options, parts)
    this.#failures = new CallWindow(parts.clock, options.windowMs)
  }

  protected current(): BreakerState {
    return this.#state.is
  }

  protected count(failed: boolean): boolean {
    if (this.#state.is !== 'closed') return false
    this.#failures.add(failed)
    return failed && this.#failures.hasReached(this.options.failureRatio, this.options.minimumCalls)
  }

  protected open(): void {
    const openForMs = this.drawOpenForMs()
    const timer = this.clock.after(openForMs, () => {
      this.#state = { is: 'half-open' }
    })
    this.#state = { is: 'open', probeAt: this.clock.now() + openForMs, timer }
  }

  protected reset(): void {
    this.#failures.clear()
    this.#state = { is: 'closed' }
  }

  protected untilProbeMs(): number {
    return this.#state.is === 'open' ? this.#state.probeAt - this.clock.now() : 0
  }

  protected shutdown(): void {
    if (this.#state.is === 'open') this.#state.timer.cancel()
  }
}
