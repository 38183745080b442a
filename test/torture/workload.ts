import { status } from '@grpc/grpc-js'
import { AsideWriter } from './aside-writer.ts'
import { codeOf, type TorturedClient } from './client.ts'
import type { ModelOrigin } from './model-origin.ts'
import { Reader } from './reader.ts'
import { RowWriter } from './row-writer.ts'
import type { SeededChance } from './seeded-chance.ts'
import type { Witness } from './witness.ts'

export interface WorkloadParts {
  readonly clients: readonly TorturedClient[]
  readonly origin: ModelOrigin
  readonly witness: Witness
  readonly chance: SeededChance
}

const READERS_PER_SIDECAR = 6
const ROW_WRITERS = 8
const ASIDE_WRITERS = 4

/** Readers and writers, each doing one thing after the other until they are stopped. */
export class Workload {
  readonly #asides: AsideWriter
  readonly #running: readonly Promise<void>[]
  #stopped = false

  private constructor(parts: WorkloadParts, seenVersions: Map<string, number> | undefined) {
    const { clients, witness, chance } = parts
    this.#asides = new AsideWriter(parts)
    const readers = clients.flatMap((client) => {
      const reader = new Reader({ client, witness, chance, asides: this.#asides, seenVersions })
      return Array.from({ length: READERS_PER_SIDECAR }, () => reader)
    })
    const rows = Array.from({ length: ROW_WRITERS }, () => new RowWriter(parts))
    const asides = Array.from({ length: ASIDE_WRITERS }, () => this.#asides)
    this.#running = [...readers, ...rows, ...asides].map((worker) => this.#run(worker))
  }

  static async start(parts: WorkloadParts): Promise<Workload> {
    const knowsMinVersion = await Promise.all(parts.clients.map(takesMinVersion))
    return new Workload(parts, knowsMinVersion.every(Boolean) ? new Map() : undefined)
  }

  /** Resolves when everything under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
    await this.#asides.settled()
  }

  async #run(worker: { turn(): Promise<void> }): Promise<void> {
    while (!this.#stopped) await worker.turn()
  }
}

async function takesMinVersion(client: TorturedClient): Promise<boolean> {
  try {
    await client.get({ keyspace: 'strict', key: 'k0', min_version: 1 })
    return true
  } catch (error) {
    if (codeOf(error) === status.UNIMPLEMENTED) return false
    throw error
  }
}
