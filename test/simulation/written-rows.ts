import type { RingsideError } from '../../src/base/errors.ts'
import type { Loaded, LoadRequest, LoadScope, Origin, OriginChange, StoreOptions } from '../../src/origin/origin.ts'
import { changesRefused, originUnavailable, withOutcome } from '../../src/origin/origin-error.ts'
import { noRefusals } from '../../src/origin/refusal.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'

export interface Commit {
  readonly keyspace: string
  readonly key: string
  /** Of the one write that has made it. */
  readonly mark: number
  /** Its place in the row of all commits of the key; 0 is what there was before. */
  readonly state: number
  readonly at: number
}

export interface WrittenRowsParts {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly onCommit: (commit: Commit) => void
}

/** Of a statement, at the database. */
const TIMEOUT_MS = 1_000

type Fate = 'well' | 'refused' | 'undone' | 'lost' | 'broken'

/**
 * Rows that are written through sidecars: statements run until they have ended there, whatever became of who sent them, be it
 * with a commit, an error or the statement timeout; answers come late, or never.
 */
export class WrittenRows {
  readonly #parts: WrittenRowsParts
  readonly #commits = new Map<string, Commit[]>()

  constructor(parts: WrittenRowsParts) {
    this.#parts = parts
  }

  commit(keyspace: string, key: string, mark: number): void {
    const name = `${keyspace}/${key}`
    const row = this.#commits.get(name) ?? []
    this.#commits.set(name, row)
    const commit = { keyspace, key, mark, state: row.length + 1, at: this.#parts.world.now }
    row.push(commit)
    this.#parts.onCommit(commit)
  }

  /** `undefined` = nobody has committed that. */
  stateOf(keyspace: string, key: string, mark: number): number | undefined {
    if (mark === 0) return 0
    return this.#commits.get(`${keyspace}/${key}`)?.find((commit) => commit.mark === mark)?.state
  }

  markNow(keyspace: string, key: string): number {
    return this.#markAt(keyspace, key, this.#parts.world.now)
  }

  originFor(name: string, clock: ProcessClock, lagMs: number): Origin {
    return {
      name,
      timeoutMs: TIMEOUT_MS,
      canStore: true,
      start: async () => undefined,
      close: async () => undefined,
      stats: () => ({
        loads: { miss: 0, refresh: 0, fallback: 0, audit: 0, warm: 0 },
        stores: { stored: 0, refused: 0, unchanged: 0, unknown: 0 },
        limit: 0,
        share: 0,
        inFlight: 0,
        waiting: 0,
        rejected: noRefusals(),
        retries: 0,
      }),
      load: (request) => this.#load(request, clock, lagMs),
      store: (scope, changes, options) => this.#store(scope, changes, { ...options, clock }),
    }
  }

  #load({ keyspace, key }: LoadRequest, clock: ProcessClock, lagMs: number): Promise<Loaded> {
    const { world, chance } = this.#parts
    return new Promise((resolve, reject) => {
      const sentAt = clock.now()
      const backMs = chance.happens(0.15) ? chance.between(5, 700) : chance.between(0.5, 10)
      const fails = chance.happens(0.03)
      world.plan(chance.between(0.5, 5), () => {
        const mark = this.#markAt(keyspace, key, world.now - chance.between(0, lagMs))
        world.plan(backMs, () =>
          clock.deliver(() => {
            if (fails) return reject(originUnavailable('rows', 'failed'))
            const value = Buffer.from(`${keyspace}/${key}#${mark}`)
            resolve({ found: true, value, sentAt, costMs: clock.now() - sentAt })
          }),
        )
      })
    })
  }

  async #store(
    { keyspace }: LoadScope,
    changes: readonly OriginChange[],
    { clock, deadlineAt }: StoreOptions & { readonly clock: ProcessClock },
  ): Promise<void> {
    const { chance } = this.#parts
    const [change] = changes
    if (change === undefined || !('value' in change)) throw new TypeError('only values are written here')
    const mark = Number(change.value.toString().split('#')[1])
    await new Promise<void>((resolve) => {
      clock.after(chance.happens(0.1) ? chance.between(0, 900) : chance.between(0, 1), resolve)
    })
    if (clock.now() >= deadlineAt) {
      throw withOutcome(originUnavailable('rows', 'was no longer waited for'), 'unchanged')
    }
    await new Promise<void>((resolve, reject) => {
      clock.after(deadlineAt - clock.now(), () => reject(originUnavailable('rows', 'gave no answer')))
      this.#run(
        () => this.commit(keyspace, change.key, mark),
        (error) => clock.deliver(() => (error === undefined ? resolve() : reject(error))),
      )
    })
  }

  /** One statement, from its sending on. */
  #run(commit: () => void, answer: (error?: RingsideError) => void): void {
    const { world, chance } = this.#parts
    const wayMs = () => (chance.happens(0.05) ? chance.between(0, 300) : chance.between(0.3, 3))
    const fate = this.#fate()
    const longMs = chance.happens(0.2) ? chance.between(0.5 * TIMEOUT_MS, 1.2 * TIMEOUT_MS) : chance.between(1, 60)
    world.plan(wayMs(), () => {
      if (fate === 'lost') return
      const runsMs = Math.min(longMs, TIMEOUT_MS)
      world.plan(runsMs, () => {
        const isTimedOut = longMs > TIMEOUT_MS
        if (!isTimedOut && (fate === 'well' || fate === 'broken')) commit()
        if (fate === 'broken') return
        world.plan(wayMs(), () => answer(isTimedOut ? originUnavailable('rows', 'was cancelled') : failureOf(fate)))
      })
    })
  }

  #fate(): Fate {
    const place = this.#parts.chance.uniform()
    if (place < 0.03) return 'refused'
    if (place < 0.06) return 'undone'
    if (place < 0.09) return 'lost'
    return place < 0.17 ? 'broken' : 'well'
  }

  #markAt(keyspace: string, key: string, moment: number): number {
    return this.#commits.get(`${keyspace}/${key}`)?.findLast(({ at }) => at <= moment)?.mark ?? 0
  }
}

function failureOf(fate: Fate): RingsideError | undefined {
  if (fate === 'refused') return changesRefused('rows', 'refuses it')
  if (fate === 'undone') return withOutcome(originUnavailable('rows', 'failed'), 'unchanged')
  return undefined
}
