import { status } from '@grpc/grpc-js'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { ChangeInProgress } from '../simulation/history.ts'
import { codeOf, type TorturedClient } from './client.ts'
import { encodeValue } from './encoded-value.ts'
import { writtenKey } from './keys.ts'
import { KEYSPACES } from './keyspaces.ts'
import type { SeededChance } from './seeded-chance.ts'
import type { Witness } from './witness.ts'

export interface AsideWriterParts {
  readonly clients: readonly TorturedClient[]
  readonly witness: Witness
  readonly chance: SeededChance
}

export interface Leased {
  readonly token: string
  /** When the miss that carried it had been received. */
  readonly leasedAt: number
}

const WITHOUT_ROWS = KEYSPACES.filter(({ states }) => states === 'version')

/** An app that fills keyspaces without an origin: by Sets of its own, with leases that readers were given, and by invalidations. */
export class AsideWriter {
  readonly #parts: AsideWriterParts
  readonly #fills = new Set<Promise<void>>()
  #mark = 0

  constructor(parts: AsideWriterParts) {
    this.#parts = parts
  }

  async turn(): Promise<void> {
    const { chance } = this.#parts
    const keyspace = chance.pick(WITHOUT_ROWS).name
    const key = writtenKey(chance)
    if (chance.happens(0.6)) await this.#set(keyspace, key)
    else await this.#invalidate(keyspace, key)
    await pause(systemClock, chance.between(30, 120))
  }

  /** Uses a lease after the while that a load would take; now and then it is left to die. */
  fill(keyspace: string, key: string, leased: Leased): void {
    const { chance } = this.#parts
    if (chance.happens(0.1)) return
    const filling = pause(systemClock, chance.between(0, chance.happens(0.1) ? 1_000 : 40))
      .then(() => this.#set(keyspace, key, leased))
      .finally(() => this.#fills.delete(filling))
    this.#fills.add(filling)
  }

  /** Resolves when no fill is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#fills)
  }

  async #set(keyspace: string, key: string, leased?: Leased): Promise<void> {
    const { witness, chance, clients } = this.#parts
    const client = chance.pick(clients)
    this.#mark += 1
    const mark = this.#mark
    const change = witness.begin({
      keyspace,
      key,
      by: `${leased === undefined ? 'set' : 'fill'}@${client.name}`,
      at: systemClock.now(),
      mark,
      ...(leased === undefined ? {} : { leasedAt: leased.leasedAt }),
    })
    const value = encodeValue(keyspace, key, mark)
    await settle(change, async () => {
      const { stored, version } = await client.set({ keyspace, key, value, lease_token: leased?.token ?? '' })
      return stored ? version : undefined
    })
  }

  async #invalidate(keyspace: string, key: string): Promise<void> {
    const { witness, chance, clients } = this.#parts
    const client = chance.pick(clients)
    const change = witness.begin({ keyspace, key, by: `invalidate@${client.name}`, at: systemClock.now() })
    await settle(change, async () => {
      const result = (await client.invalidate([{ keyspace, key }])).results[0]
      if (result === undefined || result.deferred) throw new Error('kept for later')
      return result.version
    })
  }
}

/** `request` resolves with the version that was acknowledged, or with `undefined` where nothing was stored. */
async function settle(change: ChangeInProgress, request: () => Promise<number | undefined>): Promise<void> {
  try {
    const version = await request()
    if (version === undefined) change.refused(systemClock.now())
    else change.acknowledged(systemClock.now(), version)
  } catch (error) {
    if (codeOf(error) === status.FAILED_PRECONDITION) change.refused(systemClock.now())
    else change.unknown(systemClock.now())
  }
}
