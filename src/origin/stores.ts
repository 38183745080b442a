import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { Bulkhead } from '../guard/bulkhead.ts'
import { type Guard, GuardRefused, GuardTimeout } from '../guard/guard.ts'
import type { LoadScope, OriginAdapter, OriginChange, StoreOptions, StoreOutcome, StoreResult } from './origin.ts'
import { changesRefused, originUnavailable, withOutcome } from './origin-error.ts'
import type { OriginRefusal } from './refusal.ts'

export interface StoresOptions {
  /** Of the origin. */
  readonly name: string
  /** Most calls that wait for a place. */
  readonly maxWaiting: number
}

export interface StoresParts {
  readonly clock: Clock
  readonly adapter: OriginAdapter
  readonly guard: Guard
  /** The error for changes that never left. */
  readonly refused: (why: OriginRefusal, retryAfterMs: number, cause?: unknown) => RingsideError
}

/**
 * Sends changes through the guard to the adapter, each call as it is, and never a second time: whether it may be repeated
 * only its caller knows. They take places of the same limit as queries, at most half of them, and where there is but one
 * in turn with those, so that neither keeps the other from its origin.
 */
export class Stores {
  readonly results: Record<StoreResult, number> = { stored: 0, refused: 0, unchanged: 0, unknown: 0 }
  readonly #name: string
  readonly #parts: StoresParts
  readonly #places: Bulkhead

  constructor({ name, maxWaiting }: StoresOptions, parts: StoresParts) {
    this.#name = name
    this.#parts = parts
    const { guard } = parts
    const limit = {
      get current(): number {
        return Math.max(1, guard.limit >> 1)
      },
      typicalMs: undefined,
    }
    this.#places = new Bulkhead({ maxWaiting }, { clock: parts.clock, limit })
  }

  /** Calls that wait for others of their kind. */
  get waiting(): number {
    return this.#places.waiting
  }

  async run(scope: LoadScope, changes: readonly OriginChange[], { deadlineAt }: StoreOptions): Promise<void> {
    try {
      await this.#send(scope, changes, deadlineAt)
      this.results.stored += changes.length
    } catch (error) {
      const failure = this.#translate(error)
      this.results[resultOf(failure)] += changes.length
      throw failure
    }
  }

  async #send(scope: LoadScope, changes: readonly OriginChange[], deadlineAt: number): Promise<void> {
    const { clock, adapter, guard, refused } = this.#parts
    const { store } = adapter
    if (store === undefined) throw changesRefused(this.#name, 'cannot be changed from here')
    const admission = await this.#places.enter(deadlineAt)
    if (admission !== 'entered') {
      throw withOutcome(refused(admission, Math.max(1, deadlineAt - clock.now())), 'unchanged')
    }
    try {
      await guard.run((context) => store.call(adapter, scope, changes, context), deadlineAt)
    } finally {
      // Only after the queries that wait for the same place have had a look at it.
      clock.soon(() => this.#places.leave())
    }
  }

  #translate(error: unknown): RingsideError {
    if (error instanceof GuardRefused) {
      return withOutcome(this.#parts.refused(error.why, error.retryAfterMs, error), 'unchanged')
    }
    if (error instanceof GuardTimeout) {
      return withOutcome(originUnavailable(this.#name, 'did not confirm a change in time', error), 'unknown')
    }
    return withOutcome(RingsideError.from(error), 'unknown')
  }
}

function resultOf({ reason, metadata }: RingsideError): StoreResult {
  return reason === 'WRITE_REFUSED' ? 'refused' : (metadata.outcome as StoreOutcome)
}
