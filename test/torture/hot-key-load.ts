import { pause, systemClock } from '../../src/base/clock.ts'
import { codeOf, type TorturedClient } from './client.ts'
import type { ModelOrigin } from './model-origin.ts'
import { SOURCE, seenOf } from './reader.ts'
import type { SeededChance } from './seeded-chance.ts'
import { fromWall } from './wall-time.ts'
import type { Witness } from './witness.ts'

export interface HotKeyLoadParts {
  readonly clients: readonly TorturedClient[]
  readonly origin: ModelOrigin
  readonly witness: Witness
  readonly chance: SeededChance
  readonly keyspace: string
  readonly key: string
  readonly boundMs: number
}

/** So many read one after the other through each sidecar. */
const READERS = 4
/** Between two changes: a key that is written more often has no copies. */
const READS_BETWEEN = 60
const TIGHTER = 0.2
const AT_LEAST = 0.2

/** One key read as fast as it goes, some with a tighter bound, some with the newest version that anybody has seen. */
export class HotKeyLoad {
  readonly #parts: HotKeyLoadParts
  readonly #readers: Promise<void>[] = []
  #isOver = false
  /** The largest version that an answer or an invalidation has named. */
  #newest = 0

  constructor(parts: HotKeyLoadParts) {
    this.#parts = parts
  }

  start(): void {
    for (const client of this.#parts.clients)
      for (let reader = 0; reader < READERS; reader += 1) this.#readers.push(this.#readOn(client))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#readers)
  }

  /** Commits and invalidates so often, through any sidecar. */
  async invalidate(times: number): Promise<void> {
    const { witness } = this.#parts
    for (let time = 0; time < times; time += 1) {
      const until = witness.reads + READS_BETWEEN
      while (witness.reads < until) await pause(systemClock, 1)
      await this.#change()
    }
  }

  async #change(): Promise<void> {
    const { clients, origin, witness, chance, keyspace, key } = this.#parts
    const client = chance.pick(clients)
    const { state } = origin.commit(keyspace, key, false)
    const by = `invalidate@${client.name}`
    const change = witness.begin({ keyspace, key, by, at: systemClock.now(), mark: state })
    const answer = await client.invalidate([{ keyspace, key }]).catch(() => undefined)
    const result = answer?.results[0]
    if (result === undefined || result.deferred) return change.unknown(systemClock.now())
    change.acknowledged(systemClock.now())
    this.#newest = Math.max(this.#newest, result.version)
  }

  async #readOn(client: TorturedClient): Promise<void> {
    while (!this.#isOver) await this.#read(client)
  }

  async #read(client: TorturedClient): Promise<void> {
    const { witness, chance, keyspace, key, boundMs } = this.#parts
    const asked = chance.happens(TIGHTER) ? Math.floor(chance.between(1, boundMs)) : undefined
    const minVersion = chance.happens(AT_LEAST) && this.#newest > 0 ? this.#newest : undefined
    const startedAt = systemClock.now()
    const about = { keyspace, key, by: `get@${client.name}`, startedAt }
    const request = {
      keyspace,
      key,
      ...(asked === undefined ? {} : { max_staleness_ms: asked }),
      ...(minVersion === undefined ? {} : { min_version: minVersion }),
    }
    const answer = await client.get(request).catch((error: unknown) => codeOf(error))
    const endedAt = systemClock.now()
    if (typeof answer === 'number') return witness.unanswered({ ...about, endedAt }, answer)
    const { version, degraded, source } = answer
    witness.answered({
      ...about,
      endedAt,
      boundMs: asked ?? boundMs,
      ...(minVersion === undefined ? {} : { minVersion }),
      seen: seenOf(keyspace, key, answer),
      version,
      asOf: fromWall(answer.as_of_unix_ms),
      degraded,
      source: SOURCE[source],
    })
    this.#newest = Math.max(this.#newest, version)
  }
}
