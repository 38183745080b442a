import type { Clock, Timer } from '../base/clock.ts'

/** How many calls may be under way at once; it may change from one moment to the next. */
export interface ConcurrencyLimit {
  /** 0 = none. */
  readonly current: number
  /** How long a call takes of late, in milliseconds; `undefined` while that is unknown. */
  readonly typicalMs: number | undefined
}

export interface BulkheadOptions {
  /** 0 = nobody waits. */
  readonly maxWaiting: number
}

/** `limit`: nobody more may wait. `deadline`: no place came free in time. */
export type Admission = 'entered' | 'limit' | 'deadline'

interface Waiter {
  readonly timer: Timer
  readonly admit: (admission: Admission) => void
}

/**
 * Holds how many calls are under way to one dependency below its limit; the rest wait in the order they came, each at
 * most until its deadline. Whoever has `entered` must `leave` exactly once.
 */
export class Bulkhead {
  readonly #options: BulkheadOptions
  readonly #limit: ConcurrencyLimit
  readonly #clock: Clock
  /** Insertion order is the queue. */
  readonly #waiters = new Set<Waiter>()
  #running = 0
  #onRoom: (() => void) | undefined

  constructor(options: BulkheadOptions, parts: { readonly clock: Clock; readonly limit: ConcurrencyLimit }) {
    this.#options = options
    this.#limit = parts.limit
    this.#clock = parts.clock
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiters.size
  }

  get hasRoom(): boolean {
    return this.#running < this.#limit.current
  }

  /** Has `onRoom` run when a place came free that nobody waited for. */
  watch(onRoom: () => void): void {
    this.#onRoom = onRoom
  }

  /** Answers at once unless the caller has to wait: no promise is made for a free place. */
  enter(deadlineAt: number): Admission | Promise<Admission> {
    const remainingMs = deadlineAt - this.#clock.now()
    if (remainingMs <= 0) return 'deadline'
    if (this.hasRoom && this.#waiters.size === 0) {
      this.#running += 1
      return 'entered'
    }
    if (this.#waiters.size >= this.#options.maxWaiting) return 'limit'
    return new Promise((admit) => {
      const timer = this.#clock.after(remainingMs, () => {
        this.#waiters.delete(waiter)
        admit('deadline')
      })
      const waiter = { timer, admit }
      this.#waiters.add(waiter)
    })
  }

  leave(): void {
    this.#running -= 1
    this.admit()
  }

  /** Lets in those who wait, as far as there is room; to be called when the limit has risen. */
  admit(): void {
    for (const next of this.#waiters) {
      if (!this.hasRoom) return
      // Counted before anyone else runs, so no newcomer can slip in before the one who waited.
      this.#running += 1
      this.#waiters.delete(next)
      next.timer.cancel()
      next.admit('entered')
    }
    if (this.hasRoom) this.#onRoom?.()
  }
}
