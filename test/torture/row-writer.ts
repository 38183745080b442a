import { pause, systemClock } from '../../src/base/clock.ts'
import type { InvalidateResponse__Output } from '../../src/gen/ringside/v1/InvalidateResponse.ts'
import type { TorturedClient } from './client.ts'
import { writtenKey } from './keys.ts'
import { KEYSPACES } from './keyspaces.ts'
import type { ModelOrigin } from './model-origin.ts'
import type { SeededChance } from './seeded-chance.ts'
import type { Witness } from './witness.ts'

export interface RowWriterParts {
  readonly clients: readonly TorturedClient[]
  readonly origin: ModelOrigin
  readonly witness: Witness
  readonly chance: SeededChance
}

const WITH_ROWS = KEYSPACES.filter(({ states }) => states === 'origin')
const ATTEMPTS = 3

/** An app that changes rows and then invalidates them, through any sidecar, and through another if that one fails. */
export class RowWriter {
  readonly #parts: RowWriterParts

  constructor(parts: RowWriterParts) {
    this.#parts = parts
  }

  async turn(): Promise<void> {
    const { chance, origin, witness } = this.#parts
    const keyspace = chance.pick(WITH_ROWS).name
    const rows = chance.happens(0.85) ? 1 : Math.floor(chance.between(2, 5))
    const keys = [...new Set(Array.from({ length: rows }, () => writtenKey(chance)))]
    const first = chance.pick(this.#parts.clients)
    const changes = keys.map((key) => {
      const { state, absent } = origin.commit(keyspace, key, chance.happens(0.1))
      return witness.begin({
        keyspace,
        key,
        by: `invalidate@${first.name}`,
        at: systemClock.now(),
        mark: state,
        absent,
      })
    })
    const results = await this.#invalidate(keyspace, keys, first)
    const at = systemClock.now()
    for (const [index, change] of changes.entries()) {
      const result = results[index]
      if (result === undefined || result.deferred) change.unknown(at)
      else change.acknowledged(at)
    }
    await pause(systemClock, chance.between(30, 120))
  }

  /** Empty when no attempt was answered. */
  async #invalidate(
    keyspace: string,
    keys: readonly string[],
    first: TorturedClient,
  ): Promise<InvalidateResponse__Output['results']> {
    const { chance, clients } = this.#parts
    const targets = keys.map((key) => ({ keyspace, key }))
    let client = first
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const answer = await client.invalidate(targets).catch(() => undefined)
      if (answer !== undefined) return answer.results
      await pause(systemClock, chance.between(10, 200))
      client = chance.pick(clients)
    }
    return []
  }
}
