import type { Redis } from 'ioredis'
import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import { connectRedis, redisFailure, replyWord } from './connect-redis.ts'
import type { EventSession, EventSource, Missed } from './event-source.ts'
import { lockKey, lockMs, StreamSession } from './stream-session.ts'

export interface StreamSourceOptions {
  readonly name: string
  /** `redis://` or `rediss://`, of a single server. Never logged. */
  readonly url: string
  readonly stream: string
  /** A consumer group of Ringside's own. */
  readonly group: string
  readonly beatMs?: number
}

const USUAL_BEAT_MS = 1_000
const TOKEN_BYTES = 16

/** A Redis stream. The one consumer is who holds a lock on the stream's own server, which ends unless it is renewed. */
export class StreamSource implements EventSource {
  readonly name: string
  readonly #options: StreamSourceOptions
  readonly #clock: Clock
  readonly #chance: Chance
  #losses = 0
  #wasSeen = false

  constructor(options: StreamSourceOptions, parts: { readonly clock: Clock; readonly chance: Chance }) {
    this.name = options.name
    this.#options = options
    this.#clock = parts.clock
    this.#chance = parts.chance
  }

  async open(missed: Missed): Promise<EventSession | undefined> {
    const { name, url, beatMs = USUAL_BEAT_MS } = this.#options
    const asking = await connectRedis(name, url)
    const token = this.#chance.bytes(TOKEN_BYTES).toString('base64url')
    let session: EventSession | undefined
    try {
      const won = await asking.set(lockKey(this.#options), token, 'PX', lockMs(beatMs), 'NX')
      if (won !== 'OK') return undefined
      const reading = await connectRedis(name, url)
      session = new StreamSession({ ...this.#options, beatMs }, { asking, reading, token, clock: this.#clock })
      await this.#prepareGroup(asking, missed)
      return session
    } catch (error) {
      await session?.close()
      session = undefined
      throw redisFailure(name, error)
    } finally {
      if (session === undefined) asking.disconnect()
    }
  }

  warnings(): readonly string[] {
    if (this.#losses === 0) return []
    const times = `${this.#losses} times since the start`
    return [`event source ${this.name}: entries were lost before they were applied (${times}); see docs/events.md`]
  }

  async #prepareGroup(asking: Redis, missed: Missed): Promise<void> {
    const { stream, group } = this.#options
    const flaw = await this.#flaw(asking)
    if (flaw !== undefined) {
      await missed(flaw.why)
      if (flaw.isLoss) this.#losses += 1
    }
    try {
      // From the first entry there is: what was added before the group was made is applied as well.
      await asking.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
    } catch (error) {
      if (replyWord(error) !== 'BUSYGROUP') throw error
    }
    this.#wasSeen = true
  }

  /** What may have been lost between the group and its stream; `undefined` if nothing. */
  async #flaw(asking: Redis): Promise<{ readonly why: string; readonly isLoss: boolean } | undefined> {
    const { stream, group } = this.#options
    if ((await asking.exists(stream)) === 0) return this.#absent()
    const groups = ((await asking.xinfo('GROUPS', stream)) as unknown[][]).map(recordOf)
    const own = groups.find(({ name }) => name === group)
    if (own === undefined) return this.#absent()
    const { length, 'entries-added': added } = recordOf((await asking.xinfo('STREAM', stream)) as unknown[])
    const removed = Number(added) - Number(length)
    // Redis tells it since version 7, and not where entries were deleted from within the stream.
    const read = own['entries-read']
    if (typeof read !== 'number' || !(removed > read)) return undefined
    return { why: `its stream ${stream} was trimmed before its entries were read`, isLoss: true }
  }

  #absent(): { readonly why: string; readonly isLoss: boolean } {
    const { stream, group } = this.#options
    return this.#wasSeen
      ? { why: `its group ${group} on ${stream} is gone: entries may have been missed`, isLoss: true }
      : { why: `its group ${group} on ${stream} is new: what was trimmed before is not known`, isLoss: false }
  }
}

function recordOf(pairs: readonly unknown[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (let at = 0; at + 1 < pairs.length; at += 2) record[String(pairs[at])] = pairs[at + 1]
  return record
}
