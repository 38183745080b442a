/** A pending timer. `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/**
 * Time as everything in Ringside sees it, so that tests move it by hand.
 * Timers never keep the process alive.
 */
export interface Clock {
  /** Monotonic milliseconds, fractional, from an arbitrary zero. For deadlines, `as_of`, expiry and breakers. */
  now(): number
  /** Unix milliseconds. Only for what is shown: never compared, never stored in a shard. */
  wall(): number
  /** Runs `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer
  /** Runs `run` after the I/O of the present turn of the event loop: where calls of one tick are joined. */
  soon(run: () => void): void
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** One of the system clock. */
class SystemTimer implements Timer {
  static pending = 0
  readonly #run: () => void
  #timeout: NodeJS.Timeout | undefined

  constructor(delayMs: number, run: () => void) {
    this.#run = run
    this.#timeout = setTimeout(SystemTimer.#fire, delayMs, this)
    this.#timeout.unref()
    SystemTimer.pending += 1
  }

  static #fire(timer: SystemTimer): void {
    timer.#end()
    timer.#run()
  }

  cancel(): void {
    if (this.#timeout === undefined) return
    clearTimeout(this.#timeout)
    this.#end()
  }

  #end(): void {
    this.#timeout = undefined
    SystemTimer.pending -= 1
  }
}

/** Timers of the system clock that have neither run nor been cancelled: a number that only grows is a leak. */
export const pendingTimers = (): number => SystemTimer.pending

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, run) {
    return delayMs > LONGEST_TIMER_MS ? inStages(delayMs, run) : new SystemTimer(delayMs, run)
  },
  soon(run) {
    setImmediate(run)
  },
}

/** A timer for more than Node's can wait. */
function inStages(delayMs: number, run: () => void): Timer {
  const rest = delayMs - LONGEST_TIMER_MS
  let timer = systemClock.after(LONGEST_TIMER_MS, () => {
    timer = systemClock.after(rest, run)
  })
  return { cancel: () => timer.cancel() }
}

/** Settles as `work` does, and keeps the process alive until then, which no timer of a clock does. */
export async function keptAlive<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, LONGEST_TIMER_MS)
  try {
    return await work
  } finally {
    clearInterval(hold)
  }
}

/** Resolves `delayMs` from now; at once when `signal` aborts. Never rejects. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.after(delayMs, finish)
    if (signal?.aborted) finish()
    else signal?.addEventListener('abort', finish)
  })
}
