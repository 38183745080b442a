import { RingsideError } from '../base/errors.ts'
import type { Reply } from './line.ts'
import type { Heard, OpenLine } from './open-line.ts'
import type { ArgumentsOf, OperationName, ResultOf } from './operations.ts'
import type { ShardLife } from './shard-life.ts'
import type { TierShardOptions, TierShardParts } from './tier-shard.ts'

/** An answer, and what was known of the shard when it was asked. */
export interface Asked<T> extends Reply<T> {
  readonly open: OpenLine
  /** The last answered heartbeat when the request was sent. */
  readonly heard: Heard
}

/** Requests to one shard: on which line they go, and what their failures mean. */
export class Requests {
  readonly errors = new Map<string, number>()
  #inFlight = 0
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife

  constructor(options: TierShardOptions, parts: TierShardParts, life: ShardLife) {
    this.#options = options
    this.#parts = parts
    this.#life = life
  }

  /** Requests to the primary that have not been answered. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** The line for a request. Throws `SHARD_UNAVAILABLE` when there is none. */
  line(tracked = false): OpenLine {
    const open = this.#life.line(tracked)
    if (open === undefined) throw this.unavailable(new Error(this.#life.why))
    return open
  }

  async ask<Name extends OperationName>(
    name: Name,
    args: ArgumentsOf<Name>,
    tracked = false,
  ): Promise<Asked<ResultOf<Name>>> {
    const open = this.line(tracked)
    const { heard } = open
    this.#inFlight += 1
    try {
      const reply = await open.line.send(name, args)
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

  /** Counts a failure, and says it in the words of the tier. */
  unavailable(error: unknown): RingsideError {
    if (error instanceof RingsideError) return error
    const { name } = this.#options
    const { kind, meaning, retryAfterMs } = this.#parts.server.judge(error)
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1)
    if (meaning === 'elsewhere') this.#life.redial()
    if (meaning === 'malformed') {
      return new RingsideError('INTERNAL', `shard ${name} refused a request as malformed (${kind})`, {
        cause: error,
      })
    }
    return new RingsideError('SHARD_UNAVAILABLE', `shard ${name} gave no answer (${kind})`, {
      cause: error,
      retryAfterMs: retryAfterMs ?? this.#options.timeoutMs,
      metadata: { shard: name, kind },
    })
  }
}
