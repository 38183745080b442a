import type { Chance } from '../base/chance.ts'
import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { isFlushable } from '../keyspace/flushable.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { FlushNotices } from '../store/flush-notices.ts'
import { type Flushed, SCAN_BEGIN } from '../store/flushing.ts'
import type { Shard } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { FleetErrands } from './fleet-errands.ts'

export interface EnvironmentFlushOptions {
  readonly env: string
  /** Most keys a second, unless a flush asks for another rate. */
  readonly keysPerSecond: number
}

export interface EnvironmentFlushParts {
  readonly store: Tier
  readonly errands: Pick<FleetErrands, 'begin'>
  readonly keyspaces: Pick<Keyspaces, 'policies'>
  readonly notices: Pick<FlushNotices, 'tell'>
  /** Whether the origins have room for the reads of what is removed. */
  readonly mayGoOn: () => boolean
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface FlushRequest {
  /** The name of the environment, typed out. */
  readonly environment: string
  /** At most; 0 = as many as is usual. */
  readonly keysPerSecond: number
}

export interface FlushCaller {
  /** Runs `listener` once it is gone. */
  onGone(listener: () => void): void
}

export type FlushCounts = Record<Exclude<Flushed, 'absent'>, number>

/** About so many names are looked at before it is looked again whether the origins have room. */
const SLICE = 100
const LOOK_MS = 25
const LOG_EVERY_MS = 10_000
/** A shard may give no answer for a moment. */
const MOST_ATTEMPTS = 5
const RETRY_MS = 200

/**
 * Empties the shared tier of its environment, shard by shard and slice by slice: whatever is cached, and nothing on which
 * anything else hangs. It does not outdate anything: what it removes was as current as ever, and is loaded anew when it is
 * asked for. But when it has ended, nobody answers from a cache what was cached when it began.
 */
export class EnvironmentFlush {
  readonly counts: FlushCounts = { removed: 0, kept: 0 }
  readonly #options: EnvironmentFlushOptions
  readonly #parts: EnvironmentFlushParts

  constructor(options: EnvironmentFlushOptions, parts: EnvironmentFlushParts) {
    this.#options = options
    this.#parts = parts
  }

  /**
   * Goes on until it is done, its caller is gone or another may have begun. Rejects with `ENVIRONMENT_MISMATCH`,
   * `ERRAND_UNDER_WAY`, `SHARD_UNAVAILABLE`, `LOCK_LOST` or `CANCELLED`; what was removed until then stays removed.
   */
  async run(request: FlushRequest, caller: FlushCaller): Promise<Readonly<FlushCounts>> {
    this.#check(request)
    const { errands, notices, clock, chance, log } = this.#parts
    const gone = new AbortController()
    caller.onGone(() =>
      gone.abort(new RingsideError('CANCELLED', 'the flush was cancelled; what was removed stays so')),
    )
    const errand = await errands.begin('flush', gone.signal)
    const run = new FlushRun(AbortSignal.any([gone.signal, errand.lost]), clock)
    const { env } = this.#options
    log.warn({ env }, 'flush begun')
    try {
      const done = new Set<string>()
      for (let shard = this.#next(done); shard !== undefined; shard = this.#next(done)) {
        done.add(shard.name)
        await this.#empty(shard, request, run)
      }
      await notices.tell(chance.bytes(8).toString('base64url'))
    } finally {
      log.warn({ env, ...run.counts, ms: run.tookMs }, 'flush ended')
      await errand.end()
    }
    return run.counts
  }

  #check({ environment }: FlushRequest): void {
    const { env } = this.#options
    if (environment === env) return
    const message =
      'environment is not the name of the environment that this sidecar serves; type that out to have it emptied'
    throw new RingsideError('ENVIRONMENT_MISMATCH', message, { metadata: { field: 'environment' } })
  }

  /** One may have joined meanwhile. */
  #next(done: ReadonlySet<string>): Shard | undefined {
    return this.#parts.store.shards.find(({ name }) => !done.has(name))
  }

  async #empty(shard: Shard, { keysPerSecond }: FlushRequest, run: FlushRun): Promise<void> {
    const { clock, mayGoOn } = this.#parts
    const perSecond = keysPerSecond === 0 ? this.#options.keysPerSecond : keysPerSecond
    const prefix = `${this.#options.env}:`
    let cursor = SCAN_BEGIN
    do {
      const begunAt = clock.now()
      while (!mayGoOn()) await run.pause(LOOK_MS)
      const ask = { prefix, cursor, count: SLICE }
      const { value } = await this.#patiently(run, () => shard.ask(prefix, 'scan', () => ask))
      const removed = await this.#remove(shard, value.names, run)
      this.#tellProgress(shard, run)
      cursor = value.cursor
      await run.pause(Math.max(0, begunAt + (1_000 * removed) / perSecond - clock.now()))
    } while (cursor !== SCAN_BEGIN)
  }

  async #remove(shard: Shard, names: readonly string[], run: FlushRun): Promise<number> {
    const values = this.#parts.keyspaces.policies.filter(({ kind }) => kind === 'value')
    const holdValues = new Set(values.map(({ name }) => name))
    const cached = names.filter((name) => isFlushable(name, this.#options.env, (keyspace) => holdValues.has(keyspace)))
    const flushed = await Promise.all(cached.map((key) => this.#patiently(run, () => this.#flush(shard, key))))
    const removed = flushed.filter((one) => one === 'removed').length
    const kept = names.length - cached.length + flushed.filter((one) => one === 'kept').length
    for (const counts of [this.counts, run.counts]) {
      counts.removed += removed
      counts.kept += kept
    }
    return removed
  }

  /** Where it lies; a key of a cluster may have moved by then. */
  async #flush(shard: Shard, key: string): Promise<Flushed> {
    const { store } = this.#parts
    try {
      return (await shard.ask(key, 'flush', () => ({ key }))).value
    } catch {
      return (await store.home(key).ask(key, 'flush', () => ({ key }))).value
    }
  }

  async #patiently<T>(run: FlushRun, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask()
      } catch (error) {
        if (attempt === MOST_ATTEMPTS) throw error
        await run.pause(RETRY_MS)
      }
    }
  }

  #tellProgress({ name: shard }: Shard, run: FlushRun): void {
    if (run.isToTell(LOG_EVERY_MS)) this.#parts.log.info({ shard, ...run.counts }, 'flush under way')
  }
}

/** One flush, up to its end. */
class FlushRun {
  readonly counts: FlushCounts = { removed: 0, kept: 0 }
  readonly #signal: AbortSignal
  readonly #clock: Clock
  readonly #begunAt: number
  #toldAt: number

  constructor(signal: AbortSignal, clock: Clock) {
    this.#signal = signal
    this.#clock = clock
    this.#begunAt = clock.now()
    this.#toldAt = this.#begunAt
  }

  get tookMs(): number {
    return Math.round(this.#clock.now() - this.#begunAt)
  }

  /** Throws why it is not to go on. */
  async pause(ms: number): Promise<void> {
    if (ms > 0) await pause(this.#clock, ms, this.#signal)
    this.#signal.throwIfAborted()
  }

  isToTell(everyMs: number): boolean {
    if (this.#clock.now() - this.#toldAt < everyMs) return false
    this.#toldAt = this.#clock.now()
    return true
  }
}
