import { RingsideError } from '../base/errors.ts'
import type { Reply } from './line.ts'
import type { Heard, OpenLine } from './open-line.ts'
import type { ArgumentsOf, OperationName, ResultOf } from './operations.ts'
import type { ShardLife } from './shard-life.ts'
import type { TierShardOptions, TierShardParts } from './tier-shard.ts'
import type { AskOptions, ShardNow, Told } from './told.ts'

/** An answer, and what was known of the shard when it was asked. */
export interface Asked<T> extends Reply<T> {
  readonly open: OpenLine
  /** The last answered heartbeat when the request was sent. */
  readonly heard: Heard
}

/**
 * What need not wait for the journal. What only takes away may go ahead: else new invalidations would keep it from being
 * empty. What a write has stored at the end falls to the invalidation that is owed, like anything else. Shares, heat and locks are not what a journal is about.
 */
const PAST_JOURNAL: ReadonlySet<OperationName> = new Set([
  'invalidate',
  'intend',
  'settle',
  'drop',
  'scan',
  'flush',
  'budget',
  'heat',
  'hottest',
  'lockAcquire',
  'lockRenew',
  'lockRelease',
])

/** Requests to one shard: on which line they go, and what their failures mean. */
export class Requests {
  readonly errors = new Map<string, number>()
  #inFlight = 0
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife
  readonly #importing: boolean

  /** `importing`: for keys that the server is about to take over from another. */
  constructor(options: TierShardOptions, parts: TierShardParts, life: ShardLife, importing = false) {
    this.#options = options
    this.#parts = parts
    this.#life = life
    this.#importing = importing
  }

  /** Requests to the primary that have not been answered. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** The line for a request. Throws `SHARD_UNAVAILABLE` when there is none, or when it has to wait for the journal. */
  line(tracked = false, name?: OperationName): OpenLine {
    const plain = this.#life.line(false)
    // Who hears of a key that is on its way is not to be relied on.
    const preferred = this.#importing ? plain : this.#life.line(tracked)
    // The tracked line may not have heard yet that an epoch has ended, and would take what is of it for current.
    const open = plain !== undefined && plain.epoch !== preferred?.epoch ? plain : preferred
    if (open === undefined) throw this.unavailable(new Error(this.#life.why))
    if (!(name !== undefined && PAST_JOURNAL.has(name)) && this.#life.deferral?.blocks)
      throw this.#failed('journal', { cause: undefined })
    return open
  }

  async ask<Name extends OperationName>(
    name: Name,
    args: ArgumentsOf<Name>,
    tracked = false,
  ): Promise<Asked<ResultOf<Name>>> {
    const open = this.line(tracked, name)
    const { heard } = open
    this.#inFlight += 1
    try {
      const line = (this.#importing ? open.line.importing : undefined) ?? open.line
      const reply = await line.send(name, args)
      const now = this.#parts.clock.now()
      if (reply.serverUs !== undefined) open.clock.observe(reply.sentAt, now, reply.serverUs)
      const sentAt = this.#options.rules.asOfFromSending ? reply.sentAt : now
      return { value: reply.value, sentAt, serverUs: reply.serverUs, open, heard }
    } catch (error) {
      throw this.unavailable(error)
    } finally {
      this.#inFlight -= 1
    }
  }

  /** Asks for what is no entry, with what is known of the shard. */
  async tell<Name extends OperationName>(
    name: Name,
    args: (now: ShardNow) => ArgumentsOf<Name>,
    { tracked = false, vouched = false }: AskOptions = {},
  ): Promise<Told<ResultOf<Name>>> {
    const { epoch, clock } = this.line(tracked, name)
    const { floor, forgotAt } = this.#life
    const serverMs = clock.earliest(this.#parts.clock.now()) ?? 0
    const tooLateMs = Math.floor(serverMs + this.#options.timeoutMs)
    const asked = await this.ask(name, args({ epoch, floor, least: 0, forgotAt, serverMs, tooLateMs }), tracked)
    if (vouched) this.vouch(asked, asked.sentAt)
    const { value, sentAt, serverUs, open } = asked
    return { value, sentAt, serverUs, epoch, tracked: this.#life.isTracked(open) }
  }

  /** Throws as if there had been no answer, when anything that was acknowledged before `notBefore` can be missing from it. */
  vouch({ open, sentAt, heard }: Asked<unknown>, notBefore: number): void {
    if (open.vouchedAt(sentAt, heard) >= notBefore) return
    throw this.unavailable(new Error('it has not answered a heartbeat of late'))
  }

  /** Counts a failure, and says it in the words of the tier. */
  unavailable(error: unknown): RingsideError {
    if (error instanceof RingsideError) return error
    const { name } = this.#options
    const { kind, meaning, retryAfterMs } = this.#parts.server.judge(error)
    if (meaning === 'elsewhere') this.#life.redial()
    if (meaning === 'malformed') {
      this.#count(kind)
      return new RingsideError('INTERNAL', `shard ${name} refused a request as malformed (${kind})`, {
        cause: error,
      })
    }
    return this.#failed(kind, { cause: error, retryAfterMs })
  }

  #failed(kind: string, { cause, retryAfterMs }: { cause: unknown; retryAfterMs?: number | undefined }): RingsideError {
    const { name, timeoutMs } = this.#options
    this.#count(kind)
    return new RingsideError('SHARD_UNAVAILABLE', `shard ${name} gave no answer (${kind})`, {
      cause,
      retryAfterMs: retryAfterMs ?? timeoutMs,
      metadata: { shard: name, kind },
    })
  }

  #count(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1)
  }
}

/** Whether a change that failed like this, once it was sent, may have been made all the same. */
export function isInDoubt(error: unknown): boolean {
  if (!(error instanceof RingsideError) || error.reason !== 'SHARD_UNAVAILABLE') return false
  return error.metadata.kind === 'timeout' || error.metadata.kind === 'connection'
}
