import type { Clock } from '../base/clock.ts'
import type { Answer } from './cache.ts'
import type { Lookup } from './lookup.ts'

export const INVALIDATION_RESULTS = ['done', 'failed'] as const
export type InvalidationResult = (typeof INVALIDATION_RESULTS)[number]

export interface KeyspaceTally {
  /** Answers that were outside the freshness guarantee. */
  degraded: number
  readonly invalidations: Record<InvalidationResult, number>
}

/** Called with every answer: how old it was at the most, in ms, and how large its value, in bytes. */
export type AnswerObserver = (keyspace: string, stalenessMs: number, valueBytes: number) => void

/** What readers were given, counted per keyspace. */
export class ReadTally {
  readonly #clock: Clock
  readonly #onAnswer: AnswerObserver
  readonly #byKeyspace: ReadonlyMap<string, KeyspaceTally>

  constructor(keyspaces: readonly string[], clock: Clock, onAnswer: AnswerObserver) {
    this.#clock = clock
    this.#onAnswer = onAnswer
    this.#byKeyspace = new Map(keyspaces.map((name) => [name, { degraded: 0, invalidations: { done: 0, failed: 0 } }]))
  }

  get keyspaces(): ReadonlyMap<string, Readonly<KeyspaceTally>> {
    return this.#byKeyspace
  }

  count(lookup: Lookup, answer: Answer): Answer {
    const { name } = lookup.policy
    if (answer.degraded) this.#of(name).degraded += 1
    this.#onAnswer(name, Math.max(0, this.#clock.now() - answer.asOf), answer.value.length)
    return answer
  }

  invalidated(keyspace: string, result: InvalidationResult): void {
    this.#of(keyspace).invalidations[result] += 1
  }

  #of(keyspace: string): KeyspaceTally {
    const tally = this.#byKeyspace.get(keyspace)
    if (tally === undefined) throw new Error(`no keyspace ${keyspace}`)
    return tally
  }
}
