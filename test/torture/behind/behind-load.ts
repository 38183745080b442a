import { pause, systemClock } from '../../../src/base/clock.ts'
import { RingsideCallError, type RingsideClient } from '../../../src/client/ringside-client.ts'
import type { SeededChance } from '../seeded-chance.ts'
import type { BehindLedger } from './behind-ledger.ts'

export interface LoadedSidecar {
  readonly client: RingsideClient
  /** False from when it is killed until it can acknowledge changes again. */
  isUp: boolean
}

export interface BehindLoadParts {
  readonly sidecars: readonly LoadedSidecar[]
  readonly ledger: BehindLedger
  readonly chance: SeededChance
}

export interface BehindAmounts {
  readonly writes: number
  readonly additions: number
}

const NOTES = 5_000
const VIEWS = 500
const HITS = 50
const WRITERS = 40
const REPEATERS = 80
const ADDERS = 400
const RETRY_MS = 20
/** Reasons by which nothing was changed for certain. */
const UNMADE: ReadonlySet<string> = new Set([
  ...['BACKLOG_FULL', 'ORIGIN_UNAVAILABLE', 'ORIGIN_LIMIT', 'LEASE_BUSY'],
  ...['SHARD_UNAVAILABLE (breaker)', 'SHARD_UNAVAILABLE (overload)'],
])
/** One addition in so many has a request id, and is repeated until it is acknowledged. */
const REPEATED_IN = 4

/** Callers that write and add through all sidecars, until as much is acknowledged as was asked for. */
export class BehindLoad {
  readonly #parts: BehindLoadParts
  /** Failed calls, by reason and kind. */
  readonly failures = new Map<string, number>()
  #texts = 0
  #left: { writes: number; repeated: number; joined: number }

  constructor(parts: BehindLoadParts, { writes, additions }: BehindAmounts) {
    this.#parts = parts
    const repeated = Math.floor(additions / REPEATED_IN)
    this.#left = { writes, repeated, joined: additions - repeated }
  }

  async run(): Promise<void> {
    const writers = Array.from({ length: WRITERS }, () => this.#write())
    const repeaters = Array.from({ length: REPEATERS }, () => this.#addRepeated())
    const adders = Array.from({ length: ADDERS }, () => this.#addJoined())
    await Promise.all([...writers, ...repeaters, ...adders])
  }

  get left(): string {
    const { writes, repeated, joined } = this.#left
    return `${writes} writes, ${repeated + joined} additions to go`
  }

  async #write(): Promise<void> {
    const { ledger, chance } = this.#parts
    while (this.#left.writes > 0) {
      this.#left.writes -= 1
      this.#texts += 1
      const [key, text] = [`note-${Math.floor(chance.between(0, NOTES))}`, `text ${this.#texts}`]
      const written = await this.#attempt((client) => client.write('notes', key, Buffer.from(text)))
      if (written === undefined) this.#left.writes += 1
      else ledger.wrote(key, text, written.version)
    }
  }

  async #addRepeated(): Promise<void> {
    const { ledger, chance } = this.#parts
    while (this.#left.repeated > 0) {
      this.#left.repeated -= 1
      const key = `view-${Math.floor(chance.between(0, VIEWS))}`
      const delta = 1 + Math.floor(chance.between(0, 3))
      const requestId = chance.bytes(8).toString('hex')
      const add = (client: RingsideClient) => client.increment('views', key, BigInt(delta), { requestId })
      // Whichever sidecar it goes to now: the counter knows whether it had it.
      while ((await this.#attempt(add)) === undefined) {}
      ledger.added('views', key, delta)
    }
  }

  async #addJoined(): Promise<void> {
    const { ledger, chance } = this.#parts
    while (this.#left.joined > 0) {
      this.#left.joined -= 1
      const key = `hit-${Math.floor(chance.between(0, HITS))}`
      const sum = await this.#attempt(
        (client) => client.increment('hits', key, 1n),
        () => ledger.added('hits', key, 1, false),
      )
      if (sum === undefined) this.#left.joined += 1
      else ledger.added('hits', key, 1)
    }
  }

  /** `onUnsure`: it may have been made, and nobody knows. */
  async #attempt<T>(ask: (client: RingsideClient) => Promise<T>, onUnsure = () => {}): Promise<T | undefined> {
    const { sidecars, chance } = this.#parts
    const up = sidecars.filter(({ isUp }) => isUp)
    try {
      return await ask(chance.pick(up.length > 0 ? up : sidecars).client)
    } catch (error) {
      if (!(error instanceof RingsideCallError)) throw error
      const kind = `${error.reason}${/ \(\w+\)$/.exec(error.message)?.[0] ?? ''}`
      this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1)
      if (!UNMADE.has(kind)) onUnsure()
      await pause(systemClock, RETRY_MS)
      return undefined
    }
  }
}
