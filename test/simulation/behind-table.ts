import { RingsideError } from '../../src/base/errors.ts'
import type { Loaded, LoadRequest, LoadScope, Origin, OriginChange, StoreOptions } from '../../src/origin/origin.ts'
import { VersionedRows } from '../support/versioned-rows.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'

/** The table of a world: what it was made to hold, in order. */
export class BehindTable {
  /** The texts of each key, as they were committed. */
  readonly commits = new Map<string, string[]>()
  readonly #world: Scheduler
  readonly #chance: SeededChance
  readonly #rows: VersionedRows

  constructor(world: Scheduler, chance: SeededChance, clock: ProcessClock) {
    this.#world = world
    this.#chance = chance
    this.#rows = new VersionedRows(clock)
  }

  textOf(key: string): string | undefined {
    return this.#rows.rows.get(key)?.text
  }

  /** The table as one process reaches it: slowly, not always, and sometimes without hearing of it. */
  originFor(clock: ProcessClock): Origin {
    const rows = this.#rows
    return {
      name: rows.name,
      timeoutMs: 400,
      canStore: true,
      start: async () => undefined,
      close: async () => undefined,
      stats: () => rows.stats(),
      load: (request: LoadRequest): Promise<Loaded> => this.#ask(clock, clock.now() + 400, () => rows.load(request)),
      store: (scope: LoadScope, changes: readonly OriginChange[], { deadlineAt }: StoreOptions): Promise<void> =>
        this.#ask(clock, deadlineAt, () => this.#store(scope, changes)),
    }
  }

  async #store(scope: LoadScope, changes: readonly OriginChange[]): Promise<void> {
    const before = new Map(changes.map(({ key }) => [key, this.#rows.rows.get(key)]))
    await this.#rows.store(scope, changes)
    for (const { key } of changes) {
      const row = this.#rows.rows.get(key)
      if (row === before.get(key)) continue
      this.commits.set(key, [...(this.commits.get(key) ?? []), row?.text ?? ''])
    }
  }

  #ask<T>(clock: ProcessClock, deadlineAt: number, run: () => Promise<T>): Promise<T> {
    const chance = this.#chance
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(new RingsideError('ORIGIN_UNAVAILABLE', 'no answer', { metadata: { outcome: 'unknown' } }))
      clock.after(deadlineAt - clock.now(), fail)
      if (chance.happens(0.03)) return fail()
      // What has left arrives, whatever became of who sent it; rarely so late that others have long gone on.
      this.#world.plan(chance.happens(0.05) ? chance.between(100, 4_000) : chance.between(0.5, 20), () => {
        void run().then((answer) => {
          if (chance.happens(0.03)) return
          this.#world.plan(chance.between(0.5, 20), () => clock.deliver(() => resolve(answer)))
        }, reject)
      })
    })
  }
}
