import type { Chance } from '../base/chance.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Guard, GuardRefused } from '../guard/guard.ts'
import { asEntry, asStale, decodeRecord, type EntryRecord, FIRST_EPOCH } from './record.ts'
import { RedisLink } from './redis-link.ts'
import type { Argument, Reply } from './redis-pipeline.ts'
import { failureKind, serverReply } from './redis-reply.ts'
import { SCRIPTS, type ScriptName } from './scripts.ts'
import type {
  Acquired,
  AcquireOptions,
  Content,
  Filled,
  PutOptions,
  PutResult,
  Shard,
  ShardRead,
  ShardState,
  ShardStats,
} from './shard.ts'

export interface RedisShardOptions {
  readonly name: string
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  /** Deadline of one command, in ms. */
  readonly timeoutMs: number
  /** How often the server is asked for its TIME, in ms. */
  readonly heartbeatMs: number
}

type ScriptReply = readonly [word: Buffer, nowUs: number, ...rest: (Buffer | number)[]]

/** INFO costs a server a hundred times what TIME does. */
const BEATS_PER_INSPECTION = 10

/** After so many deadlines without a byte the connection itself is suspected and opened anew. */
const SILENT_TIMEOUTS = 10

const KIND_CODE = { value: 1, negative: 2 } as const
const TIMELESS = 'the server has not told its time yet'
const NOTHING = Buffer.alloc(0)

/** A Redis or Valkey primary as a `Shard`: plain GETs for reads, one script for everything that changes. */
export class RedisShard implements Shard {
  readonly name: string
  readonly #options: RedisShardOptions
  readonly #link: RedisLink
  readonly #clock: Clock
  readonly #log: Log
  readonly #errors = new Map<string, number>()
  #reads = 0
  #malformed = 0
  /** The largest version seen: no version made for us may be below it. */
  #floor = 0
  #beat: Timer | undefined
  #beats = 0

  constructor(options: RedisShardOptions, parts: { guard: Guard; clock: Clock; chance: Chance; log: Log }) {
    this.name = options.name
    this.#options = options
    this.#link = new RedisLink({ ...options, silenceMs: options.timeoutMs * SILENT_TIMEOUTS }, parts)
    this.#clock = parts.clock
    this.#log = parts.log
  }

  async start(): Promise<void> {
    await this.#link.open()
    this.#beat = this.#clock.after(this.#options.heartbeatMs, () => this.#probe())
  }

  async close(): Promise<void> {
    this.#beat?.cancel()
    await this.#link.close()
  }

  state(): ShardState {
    return this.#link.state()
  }

  stats(): ShardStats {
    return { reads: this.#reads, malformed: this.#malformed, ...this.#link.memory(), errors: this.#errors }
  }

  async read(key: string): Promise<ShardRead> {
    this.#reads += 1
    const { value: raw, sentAt } = await this.#answer(this.#link.pipeline.send<Buffer | null>('get', [key]))
    const record = raw === null ? undefined : this.#decode(raw)
    const entry = record && asEntry(record, this.#serverNow())
    return entry === undefined ? { found: false, sentAt } : { found: true, entry, sentAt }
  }

  async acquire(key: string, { token, leaseTtlMs }: AcquireOptions): Promise<Acquired> {
    const { reply, sentAt } = await this.#run('acquire', key, [token, Math.ceil(leaseTtlMs), FIRST_EPOCH])
    const [word, , raw, leaseLeftMs] = reply
    const record = (raw as Buffer).length === 0 ? undefined : this.#decode(raw as Buffer)
    const now = this.#serverNow()
    switch (word.toString()) {
      case 'value': {
        const entry = record && asEntry(record, record.hardAtMs > now ? now : record.hardAtMs - 1)
        if (entry === undefined) break
        return { outcome: 'value', entry, sentAt }
      }
      case 'busy':
        return { outcome: 'busy', leaseTtlMs: leaseLeftMs as number, stale: record && asStale(record, now), sentAt }
      case 'granted':
        return { outcome: 'granted', stale: record && asStale(record, now), sentAt }
    }
    throw this.#nonsense('acquire', word)
  }

  async fill(key: string, token: Buffer, content: Content): Promise<Filled> {
    const { reply } = await this.#run('fill', key, [token, this.#floor, FIRST_EPOCH, ...contentArguments(content)])
    const [word, , version] = reply
    if (word.toString() === 'lost') return { outcome: 'lost' }
    return { outcome: 'filled', version: this.#see(version) }
  }

  async put(key: string, content: Content, options: PutOptions = {}): Promise<PutResult> {
    const { reply } = await this.#run('put', key, [
      options.ifVersion ?? '',
      Math.floor(this.#deadline()),
      this.#floor,
      FIRST_EPOCH,
      ...contentArguments(content),
    ])
    const [word, , version] = reply
    switch (word.toString()) {
      case 'stored':
        return { outcome: 'stored', version: this.#see(version) }
      case 'version-mismatch':
        return { outcome: 'version-mismatch', version: Number(version) }
      case 'late':
        throw this.#unavailable(new Error('the request arrived after its own deadline'))
    }
    throw this.#nonsense('put', word)
  }

  async invalidate(key: string, { staleKeepMs }: { readonly staleKeepMs: number }): Promise<number> {
    const { reply } = await this.#run('invalidate', key, [this.#floor, FIRST_EPOCH, Math.ceil(staleKeepMs)])
    return this.#see(reply[2])
  }

  async release(key: string, token: Buffer): Promise<void> {
    await this.#run('release', key, [token, FIRST_EPOCH])
  }

  async lock(key: string, ttlMs: number): Promise<boolean> {
    const sent = this.#link.pipeline.send<Buffer | null>('set', [key, NOTHING, 'PX', Math.ceil(ttlMs), 'NX'])
    return (await this.#answer(sent)).value !== null
  }

  async #run(
    name: ScriptName,
    key: string,
    args: readonly Argument[],
  ): Promise<{ reply: ScriptReply; sentAt: number }> {
    const { value: reply, sentAt } = await this.#answer(this.#link.pipeline.run<ScriptReply>(SCRIPTS[name], key, args))
    this.#link.serverClock.observe(sentAt, this.#clock.now(), reply[1])
    return { reply, sentAt }
  }

  async #answer<T>(sent: Promise<Reply<T>>): Promise<Reply<T>> {
    try {
      return await sent
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  #unavailable(error: unknown): RingsideError {
    const kind = failureKind(error)
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1)
    const reply = serverReply(error)
    // Another node has become the primary: the name may lead there by now.
    if (reply?.word === 'READONLY') this.#link.reconnect()
    if (reply?.reaction === 'reply') {
      return new RingsideError('INTERNAL', `shard ${this.name} refused a request as malformed (${reply.word})`, {
        cause: error,
      })
    }
    const retryAfterMs = error instanceof GuardRefused ? error.retryAfterMs : this.#options.timeoutMs
    return new RingsideError('SHARD_UNAVAILABLE', `shard ${this.name} gave no answer (${kind})`, {
      cause: error,
      retryAfterMs,
      metadata: { shard: this.name, kind },
    })
  }

  #nonsense(operation: string, word: Buffer): RingsideError {
    return new RingsideError('INTERNAL', `shard ${this.name} answered ${operation} with ${word.toString()}`)
  }

  #decode(raw: Buffer): EntryRecord | undefined {
    const record = decodeRecord(raw)
    if (record === undefined) this.#malformed += 1
    else this.#see(record.version)
    return record
  }

  #see(version: Buffer | number | undefined): number {
    const seen = Number(version)
    if (seen > this.#floor) this.#floor = seen
    return seen
  }

  #serverNow(): number {
    const now = this.#link.serverClock.latest(this.#clock.now())
    if (now === undefined) throw this.#unavailable(new Error(TIMELESS))
    return now
  }

  /** By this shard's own clock, the moment at which a request that leaves now has failed for its caller. */
  #deadline(): number {
    const now = this.#link.serverClock.earliest(this.#clock.now())
    if (now === undefined) throw this.#unavailable(new Error(TIMELESS))
    return now + this.#options.timeoutMs
  }

  #probe(): void {
    this.#beats += 1
    const inspect = this.#beats % BEATS_PER_INSPECTION === 0
    Promise.all([this.#link.probe(), inspect ? this.#link.inspect() : undefined])
      .catch((error: unknown) =>
        this.#log.debug({ shard: this.name, kind: failureKind(error) }, 'heartbeat unanswered'),
      )
      .finally(() => {
        this.#beat = this.#clock.after(this.#options.heartbeatMs, () => this.#probe())
      })
      .catch(() => undefined)
  }
}

function contentArguments(content: Content): readonly Argument[] {
  return [
    KIND_CODE[content.kind],
    Math.ceil(content.ttlMs),
    content.softTtlMs === undefined ? 0 : Math.max(1, Math.ceil(content.softTtlMs)),
    Math.ceil(content.staleKeepMs),
    Math.ceil(content.loadedAgoMs),
    Math.ceil(content.loadCostMs),
    content.value,
  ]
}
