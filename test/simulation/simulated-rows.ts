import { RingsideError } from '../../src/base/errors.ts'
import type { Loaded, LoadRequest, Origin, OriginStats } from '../../src/origin/origin.ts'
import { noRefusals } from '../../src/origin/refusal.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import { tagsOf } from './keyspaces.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'

interface Row {
  readonly state: number
  readonly committedAt: number
}

/** The rows of the world. Each commit of a key raises its state by one; a replica of them lags by up to `lagMs`. */
export class SimulatedRows {
  readonly #world: Scheduler
  readonly #chance: SeededChance
  readonly #rows = new Map<string, Row[]>()

  constructor(world: Scheduler, chance: SeededChance) {
    this.#world = world
    this.#chance = chance
  }

  /** Returns the new state. */
  commit(keyspace: string, key: string): number {
    const name = `${keyspace}/${key}`
    const row = this.#rows.get(name) ?? []
    this.#rows.set(name, row)
    const state = (row.at(-1)?.state ?? 0) + 1
    row.push({ state, committedAt: this.#world.now })
    if (row.length > 50) row.shift()
    return state
  }

  stateNow(keyspace: string, key: string): number {
    return this.#stateAt(keyspace, key, this.#world.now)
  }

  /** The database as one process reaches it. */
  originFor(name: string, clock: ProcessClock, lagMs: number): Origin {
    const chance = this.#chance
    const world = this.#world
    return {
      name,
      start: async () => undefined,
      close: async () => undefined,
      timeoutMs: 1_000,
      canStore: false,
      store: () => Promise.reject(new RingsideError('WRITE_REFUSED', 'nothing is stored here')),
      stats: (): OriginStats => ({
        loads: { miss: 0, refresh: 0, fallback: 0, audit: 0, warm: 0 },
        stores: { stored: 0, refused: 0, unchanged: 0, unknown: 0 },
        limit: 0,
        share: 0,
        inFlight: 0,
        waiting: 0,
        rejected: noRefusals(),
        retries: 0,
      }),
      load: ({ keyspace, key }: LoadRequest) =>
        new Promise<Loaded>((resolve, reject) => {
          const sentAt = clock.now()
          const thereMs = chance.between(0.5, 5)
          const backMs = chance.happens(0.1) ? chance.between(5, 600) : chance.between(0.5, 10)
          const fails = chance.happens(0.03)
          world.plan(thereMs, () => {
            const state = this.#stateAt(keyspace, key, world.now - chance.between(0, lagMs))
            world.plan(backMs, () =>
              clock.deliver(() => {
                if (fails) return reject(new RingsideError('ORIGIN_UNAVAILABLE', 'the simulation says so'))
                const costMs = clock.now() - sentAt
                const value = Buffer.from(`${keyspace}/${key}#${state}`)
                resolve({ found: true, value, tags: tagsOf(keyspace, key), sentAt, costMs })
              }),
            )
          })
        }),
    }
  }

  #stateAt(keyspace: string, key: string, moment: number): number {
    return this.#rows.get(`${keyspace}/${key}`)?.findLast(({ committedAt }) => committedAt <= moment)?.state ?? 0
  }
}
