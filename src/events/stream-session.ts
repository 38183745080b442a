import type { Redis } from 'ioredis'
import type { Clock, Timer } from '../base/clock.ts'
import { redisFailure } from './connect-redis.ts'
import type { EventBatch, EventSession } from './event-source.ts'
import { sourceUnavailable } from './source-unavailable.ts'
import { addedAt, entryEvent, type StreamEntry } from './stream-entry.ts'

export interface StreamSessionOptions {
  /** Name of the source. */
  readonly name: string
  readonly stream: string
  readonly group: string
  /** How often the lock is renewed, and for how long a read waits for entries. */
  readonly beatMs: number
}

export interface StreamSessionParts {
  /** For what never waits. The session takes over both connections. */
  readonly asking: Redis
  /** For reads that wait. */
  readonly reading: Redis
  /** What the lock was taken with. */
  readonly token: string
  readonly clock: Clock
}

/** The consumer's name in the group: there is one at a time, and what one leaves behind is the next one's. */
const CONSUMER = 'ringside'
/** Most entries taken together. */
const BATCH = 1_000
/** A lock that was not renewed for so many beats is gone, and another consumer takes over. */
const LOCK_BEATS = 5
/** What was delivered and not applied for so many beats was left behind by a consumer that stood still. */
const LEFT_BEATS = 10
/** Entries that are set aside are kept in a stream of about this length. */
const MOST_DEAD = 10_000
const RENEW = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('pexpire', KEYS[1], ARGV[2]) or 0"
const RELEASE = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0"

export const lockKey = ({ stream, group }: Pick<StreamSessionOptions, 'stream' | 'group'>): string =>
  `${stream}:ringside-lock:${group}`
export const deadStream = (stream: string): string => `${stream}:ringside-dead`
export const lockMs = (beatMs: number): number => LOCK_BEATS * beatMs

/** A consumer group, read by who holds the lock. Entries are delivered, applied, and only then acknowledged. */
export class StreamSession implements EventSession {
  readonly #options: StreamSessionOptions
  readonly #parts: StreamSessionParts
  #beat: Timer
  #isLost = false
  /** From where on what was left behind is looked for; `undefined` while there is none. */
  #leftFrom: string | undefined = '0-0'
  /** What was left behind may be taken when it was delivered so long ago. */
  #leftAfterMs = 0
  #lookedAt: number

  constructor(options: StreamSessionOptions, parts: StreamSessionParts) {
    this.#options = options
    this.#parts = parts
    this.#lookedAt = parts.clock.now()
    this.#beat = parts.clock.after(options.beatMs, () => void this.#renew())
  }

  async next(signal: AbortSignal): Promise<EventBatch | undefined> {
    while (!signal.aborted) {
      if (this.#isLost) throw sourceUnavailable(this.#options.name, 'has given the lock to another consumer')
      const entries = await this.#guarded(() => this.#entries())
      const [oldest] = entries
      if (oldest === undefined) continue
      const [seconds, micros] = await this.#guarded(() => this.#parts.asking.time())
      const nowMs = Number(seconds) * 1_000 + Number(micros) / 1_000
      return {
        events: entries.map(entryEvent),
        ageMs: Math.max(0, nowMs - addedAt(oldest)),
        done: (setAside) => this.#guarded(() => this.#acknowledge(entries, setAside)),
      }
    }
    return undefined
  }

  async close(): Promise<void> {
    this.#beat.cancel()
    const { asking, reading, token } = this.#parts
    reading.disconnect()
    await asking.eval(RELEASE, 1, lockKey(this.#options), token).catch(() => undefined)
    asking.disconnect()
  }

  async #entries(): Promise<readonly StreamEntry[]> {
    const { clock } = this.#parts
    const leftMs = LEFT_BEATS * this.#options.beatMs
    if (this.#leftFrom === undefined && clock.now() - this.#lookedAt > leftMs) {
      this.#leftFrom = '0-0'
      this.#leftAfterMs = leftMs
    }
    return this.#leftFrom === undefined ? this.#fresh() : this.#leftBehind(this.#leftFrom)
  }

  async #fresh(): Promise<readonly StreamEntry[]> {
    const { stream, group, beatMs } = this.#options
    const reply = await this.#parts.reading.xreadgroup(
      ...(['GROUP', group, CONSUMER, 'COUNT', BATCH, 'BLOCK', beatMs, 'STREAMS', stream, '>'] as const),
    )
    const [first] = (reply ?? []) as [string, StreamEntry[]][]
    return first?.[1] ?? []
  }

  async #leftBehind(from: string): Promise<readonly StreamEntry[]> {
    const { stream, group } = this.#options
    const reply = await this.#parts.asking.xautoclaim(stream, group, CONSUMER, this.#leftAfterMs, from, 'COUNT', BATCH)
    const [next, entries, trimmed = []] = reply as [string, (StreamEntry | null)[], string[]?]
    this.#leftFrom = next === '0-0' ? undefined : next
    this.#lookedAt = this.#parts.clock.now()
    const gone = trimmed.map((id): StreamEntry => [id, null])
    return [...entries.filter((entry) => entry !== null), ...gone]
  }

  async #acknowledge(entries: readonly StreamEntry[], setAside: ReadonlyMap<number, string>): Promise<void> {
    const { stream, group } = this.#options
    const transaction = this.#parts.asking.multi()
    for (const [index, reason] of setAside) {
      const [id, fields] = entries[index] as StreamEntry
      const kept = ['entry', id, 'reason', reason, 'fields', JSON.stringify(fields)]
      transaction.xadd(deadStream(stream), 'MAXLEN', '~', MOST_DEAD, '*', ...kept)
    }
    transaction.xack(stream, group, ...entries.map(([id]) => id))
    const results = (await transaction.exec()) ?? []
    const failed = results.find(([error]) => error !== null)
    if (failed !== undefined) throw failed[0]
  }

  async #renew(): Promise<void> {
    const { asking, token, clock } = this.#parts
    const { beatMs } = this.#options
    this.#beat = clock.after(beatMs, () => void this.#renew())
    const renewed = await asking.eval(RENEW, 1, lockKey(this.#options), token, lockMs(beatMs)).catch(() => 0)
    if (renewed !== 1) this.#isLost = true
  }

  async #guarded<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run()
    } catch (error) {
      throw redisFailure(this.#options.name, error)
    }
  }
}
