import type { Clock } from '../base/clock.ts'
import type { GetAnswer, GetRequest } from './get-message.ts'
import { RingsideCallError } from './ringside-call-error.ts'
import type { SetAnswer, SetRequest } from './set-message.ts'

/** Loads the value of one key; `undefined` = there is none, and nothing is stored. */
export type Loader = () => Promise<Uint8Array | undefined>

export interface LoadingReadsOptions {
  readonly clock: Clock
  readonly get: (request: GetRequest, timeoutMs: number) => Promise<GetAnswer>
  readonly set: (request: SetRequest, timeoutMs: number) => Promise<SetAnswer>
}

export interface LoadingRead {
  readonly request: GetRequest
  /** Of the get and of the set, each; the loader has its own. */
  readonly timeoutMs: number
  readonly ttlMs: number | undefined
  /** When the sidecar cannot answer (`UNAVAILABLE`): load, and store nothing. */
  readonly loadWhenUnavailable: boolean
}

export interface LoadingReadsStats {
  readonly loads: number
  readonly joined: number
  readonly stored: number
  /** Loaded under a lease and not stored: the lease was lost, a hold stood in the way, or the sidecar was gone. */
  readonly notStored: number
}

interface Flight {
  readonly startedAt: number
  readonly minVersion: number
  readonly result: Promise<Buffer | undefined>
}

const UNAVAILABLE = 14

/**
 * Cache-aside with leases: on a miss the holder of the lease loads and sets; the others load and do not set, so that an
 * invalidation during a slow load is never overwritten.
 *
 * Reads of one key share one flight. Who joins learns what a reader that began earlier learns; a read that names
 * `maxStalenessMs` joins only a flight that began no longer ago than that.
 */
export class LoadingReads {
  readonly #options: LoadingReadsOptions
  readonly #flights = new Map<string, Flight>()
  #loads = 0
  #joined = 0
  #stored = 0
  #notStored = 0

  constructor(options: LoadingReadsOptions) {
    this.#options = options
  }

  stats(): LoadingReadsStats {
    return { loads: this.#loads, joined: this.#joined, stored: this.#stored, notStored: this.#notStored }
  }

  /** The value; `undefined` when there is none. Rejects with a `RingsideCallError`, or with what `load` threw. */
  run(read: LoadingRead, load: Loader): Promise<Buffer | undefined> {
    const { keyspace, key, tenant = '', maxStalenessMs = Infinity, minVersion = 0 } = read.request
    const name = `${keyspace}\0${tenant}\0${key}`
    const now = this.#options.clock.now()
    const known = this.#flights.get(name)
    if (known !== undefined && known.startedAt >= now - maxStalenessMs && known.minVersion >= minVersion) {
      this.#joined += 1
      return known.result
    }
    const flight: Flight = { startedAt: now, minVersion, result: this.#fly(read, load) }
    this.#flights.set(name, flight)
    const land = () => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name)
    }
    flight.result.then(land, land)
    return flight.result
  }

  async #fly(read: LoadingRead, load: Loader): Promise<Buffer | undefined> {
    const answer = await this.#ask(read)
    if (answer?.outcome === 'found') return answer.value
    if (answer?.outcome === 'not-found') return undefined
    this.#loads += 1
    const value = await load()
    if (value === undefined) return undefined
    if (answer?.lease !== undefined) await this.#fill(read, value, answer.lease.token)
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }

  async #ask({ request, timeoutMs, loadWhenUnavailable }: LoadingRead): Promise<GetAnswer | undefined> {
    try {
      return await this.#options.get(request, timeoutMs)
    } catch (error) {
      if (loadWhenUnavailable && error instanceof RingsideCallError && error.code === UNAVAILABLE) return undefined
      throw error
    }
  }

  /** The value is at hand: that it could not be stored fails nobody, unless the caller asks for what can never be. */
  async #fill(read: LoadingRead, value: Uint8Array, leaseToken: string): Promise<void> {
    const { keyspace, key, tenant } = read.request
    try {
      const { stored } = await this.#options.set(
        { keyspace, key, tenant, value, ttlMs: read.ttlMs, leaseToken },
        read.timeoutMs,
      )
      if (stored) this.#stored += 1
      else this.#notStored += 1
    } catch (error) {
      this.#notStored += 1
      if (!(error instanceof RingsideCallError) || isCallersFault(error)) throw error
    }
  }
}

function isCallersFault({ reason }: RingsideCallError): boolean {
  return reason === 'VALUE_TOO_LARGE' || reason === 'TTL_INVALID' || reason === 'ARGUMENT_INVALID'
}
