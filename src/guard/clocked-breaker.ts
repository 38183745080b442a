import type { Timer } from '../base/clock.ts'
import type { BreakerOptions, BreakerState } from './breaker.ts'
import { type BreakerParts, GatedBreaker } from './gated-breaker.ts'
import { WINDOW_SLOTS, WindowSlots } from './window-slots.ts'

interface Counts {
  calls: number
  failures: number
}

type State =
  | { readonly is: 'closed'; readonly slots: Counts[] }
  | { readonly is: 'open'; readonly probeAt: number; readonly timer: Timer }
  | { readonly is: 'half-open' }

/** A breaker with no other source of time than its clock: for simulation, where whole fleets run on one moved by hand. */
export class ClockedBreaker extends GatedBreaker {
  readonly #window: WindowSlots
  #state: State = { is: 'closed', slots: emptySlots() }

  constructor(options: BreakerOptions, parts: BreakerParts) {
    super(options, parts)
    this.#window = new WindowSlots(parts.clock, options.windowMs)
  }

  protected current(): BreakerState {
    return this.#state.is
  }

  protected count(failed: boolean): boolean {
    if (this.#state.is !== 'closed') return false
    const { slots } = this.#state
    for (let passed = this.#window.passed(); passed > 0; passed -= 1) {
      slots.pop()
      slots.unshift({ calls: 0, failures: 0 })
    }
    const now = slots[0] as Counts
    now.calls += 1
    if (!failed) return false
    now.failures += 1
    const calls = slots.reduce((sum, slot) => sum + slot.calls, 0)
    const failures = slots.reduce((sum, slot) => sum + slot.failures, 0)
    return calls >= this.options.minimumCalls && failures / calls >= this.options.failureRatio
  }

  protected open(): void {
    const openForMs = this.drawOpenForMs()
    const timer = this.clock.after(openForMs, () => {
      this.#state = { is: 'half-open' }
    })
    this.#state = { is: 'open', probeAt: this.clock.now() + openForMs, timer }
  }

  protected reset(): void {
    this.#state = { is: 'closed', slots: emptySlots() }
  }

  protected untilProbeMs(): number {
    return this.#state.is === 'open' ? this.#state.probeAt - this.clock.now() : 0
  }

  protected shutdown(): void {
    if (this.#state.is === 'open') this.#state.timer.cancel()
  }
}

function emptySlots(): Counts[] {
  return Array.from({ length: WINDOW_SLOTS }, () => ({ calls: 0, failures: 0 }))
}
