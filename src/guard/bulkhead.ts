import type { Clock, Timer } from '../base/clock.ts'

export interface BulkheadOptions {
  /** At least 1. */
  readonly maxConcurrent: number
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
  readonly #clock: Clock
  /** Insertion order is the queue. */
  readonly #waiters = new Set<Waiter>()
  #running = 0

  constructor(options: BulkheadOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiters.size
  }

  get hasRoom(): boolean {
    return this.#running < this.#options.maxConcurrent
  }

  /** Answers at once unless the caller has to wait: no promise is made for a free place. */
  enter(deadlineAt: number): Admission | Promise<Admission> {
    const remainingMs = deadlineAt - this.#clock.now()
    if (remainingMs <= 0) return 'deadline'
    if (this.#running < this.#options.maxConcurrent) {
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
    const [next] = this.#waiters
    if (next === undefined) {
      this.#running -= 1
      return
    }
    // The place is handed on without becoming free, so no newcomer can slip in before the one who waited.
    this.#waiters.delete(next)
    next.timer.cancel()
    next.admit('entered')
  }
}
