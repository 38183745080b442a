import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { Batcher } from '../flight/batcher.ts'
import type { Verdict } from '../guard/breaker.ts'
import { type Guard, GuardRefused, GuardTimeout } from '../guard/guard.ts'
import type { LoadCause, Loaded, LoadRequest, LoadScope, Origin, OriginAdapter, OriginStats } from './origin.ts'
import { originUnavailable, UnanswerableKeys } from './origin-error.ts'

export interface GuardedOriginOptions {
  readonly name: string
  /** Most keys in one query. */
  readonly batch: number
}

export interface GuardedOriginParts {
  readonly clock: Clock
  readonly adapter: OriginAdapter
  /** Its breaker is to classify errors with `originVerdict`. Closed together with the origin. */
  readonly guard: Guard
}

type KeyAnswer = Loaded | RingsideError

/** Keys of one scope that were asked for in the same tick, and leave together. */
interface Departure {
  readonly batcher: Batcher<string, KeyAnswer>
  readonly answers: Map<string, Promise<KeyAnswer>>
}

/** What an adapter's error says about its origin's health. */
export function originVerdict(error: unknown): Verdict {
  return error instanceof UnanswerableKeys ? 'refusal' : 'failure'
}

/** Joins single keys into queries, and sends each query through the guard to the adapter. */
export class GuardedOrigin implements Origin {
  readonly name: string
  readonly #batch: number
  readonly #clock: Clock
  readonly #adapter: OriginAdapter
  readonly #guard: Guard
  readonly #loads: Record<LoadCause, number> = { miss: 0, refresh: 0, fallback: 0, audit: 0 }
  readonly #departures = new Map<string, Departure>()

  constructor(options: GuardedOriginOptions, parts: GuardedOriginParts) {
    this.name = options.name
    this.#batch = options.batch
    this.#clock = parts.clock
    this.#adapter = parts.adapter
    this.#guard = parts.guard
  }

  start(): Promise<void> {
    return this.#adapter.start()
  }

  close(): Promise<void> {
    this.#guard.close()
    return this.#adapter.close()
  }

  async load(request: LoadRequest): Promise<Loaded> {
    if (request.cause === 'audit' && !this.#guard.hasRoom()) {
      throw new RingsideError('ORIGIN_LIMIT', `origin ${this.name} has no room for an audit`)
    }
    const { answers, batcher } = this.#nextDeparture(request)
    let answer = answers.get(request.key)
    if (answer === undefined) {
      this.#loads[request.cause] += 1
      answer = batcher.add(request.key)
      answers.set(request.key, answer)
    }
    const loaded = await answer
    if (loaded instanceof RingsideError) throw loaded
    return loaded
  }

  stats(): OriginStats {
    return { loads: { ...this.#loads }, ...this.#guard.stats() }
  }

  #nextDeparture({ keyspace, tenant }: LoadScope): Departure {
    // Neither part of a scope may contain a colon.
    const scope = `${keyspace}:${tenant}`
    const waiting = this.#departures.get(scope)
    if (waiting !== undefined) return waiting
    const batcher = new Batcher<string, KeyAnswer>({
      clock: this.#clock,
      maxSize: this.#batch,
      run: (keys) => {
        // Dropped as it leaves, so there are never more of them than scopes asked for in one tick.
        this.#departures.delete(scope)
        return this.#askAll({ keyspace, tenant }, keys)
      },
    })
    const departure = { batcher, answers: new Map() }
    this.#departures.set(scope, departure)
    return departure
  }

  async #askAll(scope: LoadScope, keys: readonly string[]): Promise<readonly KeyAnswer[]> {
    const answers = new Map<string, KeyAnswer>()
    await this.#ask(scope, keys, answers)
    return keys.map((key) => answers.get(key) as KeyAnswer)
  }

  /**
   * Where the origin stumbles over some of the keys, they are asked again by halves: one bad key costs about
   * 2 log₂ n queries, and however many are bad, there are fewer than 2 n. They run one after the other under the first
   * one's deadline, so that bad keys never take more than one place at the origin, nor more time than a load has.
   */
  async #ask(
    scope: LoadScope,
    keys: readonly string[],
    answers: Map<string, KeyAnswer>,
    deadlineAt?: number,
  ): Promise<void> {
    let sentAt = 0
    let until = deadlineAt
    try {
      const values = await this.#guard.run((context) => {
        sentAt = this.#clock.now()
        until = context.deadlineAt
        return this.#adapter.load(scope, keys, context)
      }, deadlineAt)
      const costMs = this.#clock.now() - sentAt
      for (const key of keys) {
        const value = values.get(key)
        if (value instanceof RingsideError) answers.set(key, value)
        else if (value === undefined) answers.set(key, { found: false, sentAt, costMs })
        else answers.set(key, { found: true, value, sentAt, costMs })
      }
    } catch (error) {
      if (error instanceof UnanswerableKeys && keys.length > 1) {
        const middle = keys.length >> 1
        await this.#ask(scope, keys.slice(0, middle), answers, until)
        await this.#ask(scope, keys.slice(middle), answers, until)
        return
      }
      const failure = this.#translate(error)
      for (const key of keys) answers.set(key, failure)
    }
  }

  #translate(error: unknown): RingsideError {
    if (error instanceof GuardTimeout) return originUnavailable(this.name, 'did not answer in time', error)
    if (!(error instanceof GuardRefused)) return RingsideError.from(error)
    const detail = { retryAfterMs: error.retryAfterMs, cause: error, metadata: { origin: this.name } }
    switch (error.why) {
      case 'breaker':
        return new RingsideError('ORIGIN_UNAVAILABLE', `origin ${this.name} is failing and gets a pause`, detail)
      case 'limit':
        return new RingsideError('ORIGIN_LIMIT', `too many loads wait for origin ${this.name}`, detail)
      case 'deadline':
        return new RingsideError('ORIGIN_LIMIT', `origin ${this.name} had no place free in time`, detail)
    }
  }
}
