import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { type Guard, GuardRefused, GuardTimeout } from '../guard/guard.ts'
import { RetryBudget } from '../guard/retry-budget.ts'
import type { Loaded, LoadScope, OriginAdapter } from './origin.ts'
import { ConnectionLost, originUnavailable, UnanswerableKeys } from './origin-error.ts'
import type { OriginRefusal } from './refusal.ts'
import { TaggedValue } from './tagged-value.ts'

export type KeyAnswer = Loaded | RingsideError

export interface QueriesParts {
  /** Of the origin. */
  readonly name: string
  readonly clock: Clock
  readonly adapter: OriginAdapter
  readonly guard: Guard
  /** The error for a key that is not asked for, or not again. */
  readonly refused: (why: OriginRefusal, retryAfterMs: number, cause?: unknown) => RingsideError
}

/** A tenth of the queries of the last ten seconds may be repeated, and ten a second beside them. */
const RETRIES = { share: 0.1, perSecond: 10, windowMs: 10_000 }

/**
 * Sends queries through the guard to the adapter, and some of them again: once where the connection broke, and by halves
 * where the origin stumbles over some of the keys. All of that comes out of one budget, takes a place like any query, and
 * runs one after the other under the first one's deadline.
 */
export class Queries {
  readonly #parts: QueriesParts
  readonly #budget: RetryBudget
  #retries = 0

  constructor(parts: QueriesParts) {
    this.#parts = parts
    this.#budget = new RetryBudget(RETRIES, parts.clock)
  }

  /** Queries that repeated an earlier one, for some or all of its keys. */
  get retries(): number {
    return this.#retries
  }

  /** Has an answer for every key, by `until`. Leaves at once where the guard has room. */
  async ask(scope: LoadScope, keys: readonly string[], until: number): Promise<ReadonlyMap<string, KeyAnswer>> {
    const answers = new Map<string, KeyAnswer>()
    this.#budget.attempted()
    await this.#ask({ scope, keys, until, answers }, false)
    return answers
  }

  /** What a reader is told at the deadline of its load. */
  timeout(cause?: unknown): RingsideError {
    return originUnavailable(this.#parts.name, 'did not answer in time', cause)
  }

  async #ask(query: Query, isRepeated: boolean): Promise<void> {
    const { scope, keys, until, answers } = query
    const { clock, adapter, guard } = this.#parts
    let sentAt = 0
    try {
      const values = await guard.run((context) => {
        sentAt = clock.now()
        return adapter.load(scope, keys, context)
      }, until)
      const costMs = clock.now() - sentAt
      for (const key of keys) answers.set(key, answerOf(values.get(key), { sentAt, costMs }))
    } catch (error) {
      if (error instanceof UnanswerableKeys && keys.length > 1) return this.#askByHalves(query, error)
      if (error instanceof ConnectionLost && !isRepeated && this.#mayRetry()) return this.#ask(query, true)
      for (const key of keys) answers.set(key, this.#translate(error))
    }
  }

  /** One bad key costs about 2 log₂ n queries, and however many are bad, there are fewer than 2 n. */
  async #askByHalves(query: Query, cause: UnanswerableKeys): Promise<void> {
    const middle = query.keys.length >> 1
    for (const keys of [query.keys.slice(0, middle), query.keys.slice(middle)]) {
      if (this.#mayRetry()) await this.#ask({ ...query, keys }, false)
      else for (const key of keys) query.answers.set(key, this.#parts.refused('retries', RETRIES.windowMs / 10, cause))
    }
  }

  #mayRetry(): boolean {
    if (!this.#budget.take()) return false
    this.#retries += 1
    return true
  }

  #translate(error: unknown): RingsideError {
    if (error instanceof GuardTimeout) return this.timeout(error)
    if (error instanceof GuardRefused) return this.#parts.refused(error.why, error.retryAfterMs, error)
    return RingsideError.from(error)
  }
}

interface Query {
  readonly scope: LoadScope
  readonly keys: readonly string[]
  readonly until: number
  readonly answers: Map<string, KeyAnswer>
}

function answerOf(
  value: Buffer | TaggedValue | RingsideError | undefined,
  sent: { readonly sentAt: number; readonly costMs: number },
): KeyAnswer {
  if (value instanceof RingsideError) return value
  if (value === undefined) return { found: false, ...sent }
  return value instanceof TaggedValue ? { found: true, ...value, ...sent } : { found: true, value, ...sent }
}
