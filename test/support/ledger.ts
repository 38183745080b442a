import type { Answer } from '../../src/cache/cache.ts'

/** A read: when it began, and its bound, in ms of the monotonic clock. */
export interface Question {
  readonly key: string
  readonly begunAt: number
  readonly boundMs: number
}

/**
 * The states of keys, numbered, with the moments at which they were acknowledged; and every answer that was older than
 * the contract allows, or claims to be younger than it is.
 */
export class Ledger {
  readonly violations: string[] = []
  readonly sources = new Map<string, number>()
  readonly #acknowledged = new Map<string, { readonly state: number; readonly at: number }[]>()
  #answers = 0

  get answers(): number {
    return this.#answers
  }

  /** From now on the key has this state, or a later one. */
  acknowledge(key: string, state: number): void {
    const states = this.#acknowledged.get(key) ?? []
    this.#acknowledged.set(key, states)
    states.push({ state, at: performance.now() })
  }

  /** The share of the answers that came from this source. */
  share(source: Answer['source']): number {
    return (this.sources.get(source) ?? 0) / Math.max(1, this.#answers)
  }

  /** Judges an answer whose value is the number of a state; returns that number. */
  judge({ key, begunAt, boundMs }: Question, answer: Answer): number {
    this.#answers += 1
    this.sources.set(answer.source, (this.sources.get(answer.source) ?? 0) + 1)
    const state = Number(answer.value.toString())
    const blame = (what: string) => {
      const { source, asOf, degraded } = answer
      this.violations.push(
        `${key} = ${state} from ${source}, ${what} (asked at ${begunAt}, bound ${boundMs}, as of ${asOf}, degraded ${degraded})`,
      )
    }
    if (this.#leastAt(key, answer.asOf) > state) blame('was not current when it says it was')
    if (answer.degraded) return state
    if (this.#leastAt(key, begunAt - boundMs) > state) blame('is older than the bound')
    if (answer.asOf < begunAt - boundMs) blame('is not marked as degraded')
    return state
  }

  #leastAt(key: string, moment: number): number {
    const states = this.#acknowledged.get(key) ?? []
    return states.findLast(({ at }) => at <= moment)?.state ?? 0
  }
}
