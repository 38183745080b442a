import { pause, systemClock } from '../../../src/base/clock.ts'
import type { RingsideClient } from '../../../src/client/ringside-client.ts'
import { productValue } from '../../support/products.ts'

const TOGETHER = 10
const PAUSE_MS = 50
/** Coprime to the number of keys, so that all of them have their turn. */
const STRIDE = 7_919

export function idsTo(last: number): readonly string[] {
  return Array.from({ length: last }, (_, index) => String(index + 1))
}

/** Readers of all products through all sidecars, who take what there is, and look at what they are given. */
export class WarmReaders {
  readonly #over = new AbortController()
  readonly #wrong: string[] = []
  readonly #running: Promise<unknown>
  readonly #asked = new Set<string>()
  #read = 0

  constructor(clients: readonly RingsideClient[], keys: number) {
    this.#running = Promise.all(clients.map((client, index) => this.#run(client, index + 1, keys)))
  }

  /** Ends them. `read`: how many answers they had; `asked`: for which keys they have asked. */
  async close(): Promise<{
    readonly read: number
    readonly wrong: readonly string[]
    readonly asked: ReadonlySet<string>
  }> {
    this.#over.abort()
    await this.#running
    return { read: this.#read, wrong: this.#wrong, asked: this.#asked }
  }

  async #run(client: RingsideClient, first: number, keys: number): Promise<void> {
    for (let turn = first; !this.#over.signal.aborted; turn += 1) {
      const ids = Array.from({ length: TOGETHER }, (_, place) =>
        String((((turn * TOGETHER + place) * STRIDE) % keys) + 1),
      )
      for (const id of ids) this.#asked.add(id)
      // Its sidecar may have been killed.
      const results = await client.batchGet(ids.map((key) => ({ keyspace: 'product', key }))).catch(() => [])
      for (const [place, result] of results.entries()) {
        if (!result.ok) continue
        this.#read += 1
        const [id, text] = [ids[place] as string, result.answer.value.toString()]
        if (text !== productValue(id)) this.#wrong.push(`${id} is ${text}`)
      }
      await pause(systemClock, PAUSE_MS, this.#over.signal)
    }
  }
}
