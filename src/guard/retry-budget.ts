import type { Clock } from '../base/clock.ts'
import { WINDOW_SLOTS, WindowSlots } from './window-slots.ts'

export interface RetryBudgetOptions {
  /** Of the first attempts within the window, 0 to 1: so many may be repeated … */
  readonly share: number
  /** … and beside them so many a second, or little traffic could never repeat anything. */
  readonly perSecond: number
  readonly windowMs: number
}

interface Slot {
  attempts: number
  retries: number
}

/**
 * Bounds repeated attempts by a share of the traffic and not by a count for each call: when everything fails, what is
 * sent grows by that share and no more. (`RetryBudget` of Finagle, https://twitter.github.io/finagle/guide/Clients.html;
 * "Handling Overload" in Site Reliability Engineering, O'Reilly 2016.)
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions
  readonly #window: WindowSlots
  readonly #slots: Slot[] = Array.from({ length: WINDOW_SLOTS }, emptySlot)

  constructor(options: RetryBudgetOptions, clock: Clock) {
    this.#options = options
    this.#window = new WindowSlots(clock, options.windowMs)
  }

  /** A first attempt was sent. */
  attempted(): void {
    this.#now().attempts += 1
  }

  /** Whether one more may be sent; if so, it counts as sent. */
  take(): boolean {
    const now = this.#now()
    const { share, perSecond, windowMs } = this.#options
    const attempts = this.#slots.reduce((sum, slot) => sum + slot.attempts, 0)
    const retries = this.#slots.reduce((sum, slot) => sum + slot.retries, 0)
    if (retries + 1 > share * attempts + (perSecond * windowMs) / 1_000) return false
    now.retries += 1
    return true
  }

  #now(): Slot {
    for (let passed = this.#window.passed(); passed > 0; passed -= 1) {
      this.#slots.pop()
      this.#slots.unshift(emptySlot())
    }
    return this.#slots[0] as Slot
  }
}

function emptySlot(): Slot {
  return { attempts: 0, retries: 0 }
}
