import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { BacklogNames, BacklogRecord, TakenBacklog } from '../store/backlog.ts'
import type { Shard } from '../store/shard.ts'
import { Bell } from './bell.ts'
import type { FlushRound } from './flush-round.ts'

export interface FlusherOptions {
  readonly names: BacklogNames
  /** Longer than the deadline of any origin. */
  readonly leaseTtlMs: number
}

export interface FlusherParts {
  readonly shard: Shard
  readonly round: FlushRound
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** What is known of the backlog of one shard. */
export interface BacklogStats {
  readonly shard: string
  readonly size: number
  readonly oldestMs: number
}

const TOKEN_BYTES = 16
/** What comes in within so long is flushed together: a key that changes all the time costs its origin two changes a second. */
const GATHER_MS = 500
/** How often one looks whether the holder of the lease is still there. */
const LOOK_MS = 1_000
const MOST_RECORDS = 2_000
const MOST_BYTES = 4 << 20

/**
 * Carries what waits in the backlog of one shard to the origins, for as long as this sidecar has the lease of it. A holder
 * that dies is followed by whoever looks next; one that was frozen meanwhile brings nothing older back, since its origin
 * goes by versions.
 */
export class BacklogFlusher {
  readonly #options: FlusherOptions
  readonly #parts: FlusherParts
  readonly #token: Buffer
  readonly #bell: Bell
  #size = 0
  #oldestMs = 0
  /** Records up to this one have had their turn; those that are still there go on waiting. */
  #after = ''
  #isClosing = false
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FlusherOptions, parts: FlusherParts) {
    this.#options = options
    this.#parts = parts
    this.#token = parts.chance.bytes(TOKEN_BYTES)
    this.#bell = new Bell(parts.clock)
  }

  get stats(): BacklogStats {
    return { shard: this.#parts.shard.name, size: this.#size, oldestMs: this.#oldestMs }
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** Flushes what waits now, if this sidecar is the one that does, until `deadlineAt` at the latest; then others may. */
  async drain(deadlineAt: number): Promise<void> {
    const { clock } = this.#parts
    this.#isClosing = true
    this.#bell.ring()
    await this.#ended
    this.#after = ''
    // What others add meanwhile is for those who stay.
    let left = Number.POSITIVE_INFINITY
    while (left > 0 && clock.now() < deadlineAt) {
      const taken = await this.#flush(deadlineAt)
      if (taken === undefined || taken === 0) break
      left = Math.min(left, this.#size) - taken
    }
    await this.#take(0).catch(() => undefined)
  }

  async #run(): Promise<void> {
    const { chance } = this.#parts
    while (!this.#isClosing) {
      const taken = await this.#flush(Number.POSITIVE_INFINITY)
      if (this.#after !== '') continue
      const waitMs = taken === undefined ? LOOK_MS : GATHER_MS
      await this.#bell.heard(waitMs * (0.5 + chance.uniform()))
    }
  }

  /** How many records had their turn; `undefined` = another flushes, or the shard has no answer. */
  async #flush(deadlineAt: number): Promise<number | undefined> {
    const { shard, round, clock, log } = this.#parts
    const { leaseTtlMs } = this.#options
    const askedAt = clock.now()
    try {
      const { outcome, records } = await this.#take(leaseTtlMs)
      if (outcome === 'busy') return undefined
      this.#after = isFull(records) ? (records.at(-1)?.id ?? '') : ''
      await round.run(shard, records, Math.min(deadlineAt, askedAt + leaseTtlMs))
      return records.length
    } catch (error) {
      this.#after = ''
      log.debug({ shard: shard.name, reason: RingsideError.from(error).reason }, 'backlog not flushed')
      return undefined
    }
  }

  async #take(leaseTtlMs: number): Promise<TakenBacklog> {
    const { backlog, lease } = this.#options.names
    const limits = { after: this.#after, most: MOST_RECORDS, mostBytes: MOST_BYTES }
    const take = { backlog, lease, token: this.#token, leaseTtlMs, ...limits }
    const { value } = await this.#parts.shard.ask(backlog, 'takeBacklog', () => take)
    this.#size = value.size
    this.#oldestMs = value.oldestMs
    return value
  }
}

/** There may be more. */
function isFull(records: readonly BacklogRecord[]): boolean {
  return records.length >= MOST_RECORDS || records.reduce((bytes, { value }) => bytes + value.length, 0) >= MOST_BYTES
}
