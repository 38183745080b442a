import type { Clock } from '../base/clock.ts'
import { type Reason, RingsideError } from '../base/errors.ts'

/** What became of keys that were to be warmed. `present`: cached already, or loaded by somebody else meanwhile. */
export const WARM_RESULTS = ['loaded', 'present', 'missing', 'failed'] as const
export type WarmResult = (typeof WARM_RESULTS)[number]

export interface WarmFailure {
  readonly key: string
  readonly reason: Reason
  readonly message: string
}

/** How far a warming is. */
export interface WarmProgress extends Readonly<Record<WarmResult, number>> {
  readonly done: number
  /** `undefined` = not known. */
  readonly total: number | undefined
  readonly keysPerSecond: number
  /** `undefined` = not known. */
  readonly leftMs: number | undefined
  /** Up to where all is done. */
  readonly cursor: string
  /** Of those that are done, so many up to there. */
  readonly doneAtCursor: number
  readonly failures: readonly WarmFailure[]
}

const MOST_FAILURES = 10

/** Counts what one warming has done. */
export class WarmTally {
  #cursor: string
  #doneAtCursor = 0
  total: number | undefined
  readonly #clock: Clock
  readonly #begunAt: number
  readonly #onResult: (result: WarmResult) => void
  readonly #counts: Record<WarmResult, number> = { loaded: 0, present: 0, missing: 0, failed: 0 }
  readonly #failures: WarmFailure[] = []

  /** `onResult`: called for each key. */
  constructor(clock: Clock, cursor: string, onResult: (result: WarmResult) => void) {
    this.#clock = clock
    this.#begunAt = clock.now()
    this.#onResult = onResult
    this.#cursor = cursor
  }

  /** All that was counted lies up to there. */
  reach(cursor: string): void {
    this.#cursor = cursor
    this.#doneAtCursor = this.#done
  }

  count(result: WarmResult): void {
    this.#counts[result] += 1
    this.#onResult(result)
  }

  fail(key: string, error: unknown): void {
    this.count('failed')
    const { reason, message } = RingsideError.from(error)
    if (this.#failures.length < MOST_FAILURES) this.#failures.push({ key, reason, message })
  }

  progress(): WarmProgress {
    const done = this.#done
    const seconds = (this.#clock.now() - this.#begunAt) / 1_000
    const keysPerSecond = seconds > 0 ? done / seconds : 0
    const left = this.total === undefined ? undefined : this.total - done
    const leftMs = left === undefined || keysPerSecond === 0 ? undefined : (left / keysPerSecond) * 1_000
    const place = { cursor: this.#cursor, doneAtCursor: this.#doneAtCursor }
    return { ...this.#counts, done, total: this.total, keysPerSecond, leftMs, ...place, failures: [...this.#failures] }
  }

  get #done(): number {
    const { loaded, present, missing, failed } = this.#counts
    return loaded + present + missing + failed
  }
}
