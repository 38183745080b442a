import type { Clock, Timer } from '../base/clock.ts'
import type { RingsideError } from '../base/errors.ts'
import type { Share } from '../guard/adaptive-limit.ts'
import type { Guard } from '../guard/guard.ts'
import { TokenBucket } from '../guard/token-bucket.ts'
import { listed } from './listing.ts'
import { LoadQueue } from './load-queue.ts'
import type {
  LoadCause,
  Loaded,
  LoadRequest,
  LoadScope,
  Origin,
  OriginAdapter,
  OriginChange,
  OriginStats,
  StoreOptions,
} from './origin.ts'
import { type KeyAnswer, Queries } from './queries.ts'
import { noRefusals, type OriginRefusal, refusalError } from './refusal.ts'
import { Stores } from './stores.ts'
import type { Wanted } from './wanted.ts'

export interface GuardedOriginOptions {
  readonly name: string
  /** Most keys in one query. */
  readonly batch: number
  /** Most time of a load, waiting included. */
  readonly timeoutMs: number
  readonly maxConcurrent: number
  /** Most keys that wait for a place. */
  readonly maxWaiting: number
  /** Most keys a second that readers may have loaded in the whole fleet; `undefined` = as many as there are places for. */
  readonly coldRate?: number | undefined
}

export interface GuardedOriginParts {
  readonly clock: Clock
  readonly adapter: OriginAdapter
  /** Its breaker is to classify errors with `originVerdict`. Nobody else's; closed together with the origin. */
  readonly guard: Guard
  /** Called when keys have to wait. */
  readonly onWaiting?: () => void
}

/** Of the places, so many are kept free of what nobody waits for: one in eight, and one where there are several. */
const RESERVE = 1 / 8
/** What waits for tokens goes together with what comes in so long, and not one by one. */
const TOKEN_GRAIN_MS = 10
/** Keys that were wanted within so long of each other have one time. */
const TICK_MS = 10

/**
 * Has single keys loaded, as queries that pass the guard. Keys that are wanted in one tick leave together; when no place is
 * free they wait in a queue, and what leaves when one comes free is formed only then.
 */
export class GuardedOrigin implements Origin {
  readonly name: string
  readonly list: Origin['list']
  readonly #options: GuardedOriginOptions
  readonly #clock: Clock
  readonly #adapter: OriginAdapter
  readonly #guard: Guard
  readonly #queries: Queries
  readonly #stores: Stores
  readonly #readers: LoadQueue
  /** What nobody waits for leaves in the tick in which it came, or not at all. */
  readonly #behind: LoadQueue
  readonly #warmed: LoadQueue
  readonly #cold: TokenBucket | undefined
  readonly #loads: Record<LoadCause, number> = { miss: 0, refresh: 0, fallback: 0, audit: 0, warm: 0 }
  readonly #rejected = noRefusals()
  readonly #onWaiting: () => void
  /** Set while a departure is to come in this tick. */
  #isDue = false
  #tokens: Timer | undefined

  constructor(options: GuardedOriginOptions, { clock, adapter, guard, onWaiting }: GuardedOriginParts) {
    this.name = options.name
    this.#options = options
    this.#clock = clock
    this.#adapter = adapter
    this.#guard = guard
    this.#onWaiting = onWaiting ?? (() => undefined)
    const refused = (why: OriginRefusal, retryAfterMs: number, cause?: unknown) =>
      this.#refusal(why, { retryAfterMs, cause })
    this.#queries = new Queries({ name: options.name, clock, adapter, guard, refused })
    this.#stores = new Stores(options, { clock, adapter, guard, refused })
    const listing = { name: options.name, guard, refused, hasSpare: () => this.#hasSpare }
    this.list = adapter.list && listed({ ...listing, list: adapter.list })
    const queued = {
      clock,
      typicalMs: () => guard.typicalMs ?? 0,
      refuse: (wanted: Wanted, why: OriginRefusal) => wanted.end(this.#refusal(why)),
    }
    this.#readers = new LoadQueue(options, queued)
    this.#behind = new LoadQueue(options, queued)
    this.#warmed = new LoadQueue(options, queued)
    const share = () => guard.share / options.maxConcurrent
    this.#cold =
      options.coldRate === undefined ? undefined : new TokenBucket({ perSecond: options.coldRate, share }, clock)
    guard.watchRoom(() => this.#depart())
  }

  start(): Promise<void> {
    return this.#adapter.start()
  }

  close(): Promise<void> {
    this.#guard.close()
    this.#depart()
    return this.#adapter.close()
  }

  load(request: LoadRequest): Promise<Loaded> {
    const { cause } = request
    const isWaitedFor = cause === 'miss' || cause === 'fallback'
    const answer = (isWaitedFor ? this.#readers : cause === 'warm' ? this.#warmed : this.#behind).want(request)
    this.#depart()
    return answer
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs
  }

  get canStore(): boolean {
    return this.#adapter.store !== undefined
  }

  store(scope: LoadScope, changes: readonly OriginChange[], options: StoreOptions): Promise<void> {
    return this.#stores.run(scope, changes, options)
  }

  /** Queries under way, and how many would be, as far as is known, if the share of this sidecar allowed it. */
  demand(): { readonly running: number; readonly wanted: number } {
    return this.#guard.demand(Math.ceil(this.#readers.size / this.#options.batch) + this.#stores.waiting)
  }

  /** Holds the queries under way to a share of their limit. */
  setShare(share: Share): void {
    this.#guard.setShare(share)
  }

  stats(): OriginStats {
    const { limit, share, inFlight } = this.#guard.stats()
    const { size: waiting } = this.#readers
    return {
      loads: { ...this.#loads },
      stores: { ...this.#stores.results },
      ...{ limit, share, inFlight, waiting },
      rejected: { ...this.#rejected },
      retries: this.#queries.retries,
    }
  }

  get #hasSpare(): boolean {
    if (this.#readers.size > 0) return false
    const { limit, room } = this.#guard
    const reserve = limit > 1 ? Math.max(1, Math.floor(limit * RESERVE)) : 0
    // Where no reader comes to find out, this shows whether the origin is well again.
    return this.#guard.state() === 'closed' ? room > reserve : this.#guard.refusal() === undefined && room > 0
  }

  /** At the end of the tick: what else is wanted in it leaves together. */
  #depart(): void {
    if (this.#isDue || this.#readers.size + this.#behind.size + this.#warmed.size === 0) return
    this.#isDue = true
    this.#clock.soon(() => {
      this.#isDue = false
      this.#tokens?.cancel()
      const { batch } = this.#options
      for (const query of this.#readers.takeNewcomers(batch, this.#roomForAll())) this.#ask(this.#readers, query)
      while (this.#canAsk() && this.#ask(this.#readers, this.#readers.take(this.#mostCold()))) {}
      if (this.#readers.size > 0) this.#readers.settle()
      if (this.#readers.size > 0) this.#onWaiting()
      this.#departUnwaited(this.#behind, () => batch)
      this.#departUnwaited(this.#warmed, () => Math.min(batch, this.#coldLeft))
    })
  }

  #departUnwaited(queue: LoadQueue, most: () => number): void {
    while (this.#hasSpare && this.#ask(queue, queue.take(most()))) {}
    if (queue.size > 0) queue.refuseAll('yielded')
  }

  get #coldLeft(): number {
    return this.#cold?.available ?? Number.POSITIVE_INFINITY
  }

  /** How many queries can leave without a further look; none where the keys that readers want may be too many. */
  #roomForAll(): number {
    return this.#coldLeft >= this.#readers.size && this.#guard.state() === 'closed' ? this.#guard.room : 0
  }

  /** Asked before every query: the one before may be the breaker's only probe. */
  #canAsk(): boolean {
    if (this.#readers.size === 0) return false
    if (this.#guard.refusal() === undefined) return this.#guard.room > 0
    this.#readers.refuseAll('breaker')
    return false
  }

  /** How many keys a query for readers may have; where the cold rate allows none, the queue is looked at again later. */
  #mostCold(): number {
    const { batch } = this.#options
    if (this.#cold === undefined) return batch
    const { available, nextInMs } = this.#cold
    if (available > 0) return Math.min(batch, available)
    this.#tokens = this.#clock.after(Math.max(TOKEN_GRAIN_MS, nextInMs), () => this.#depart())
    return 0
  }

  /** False where there was nothing to ask for. */
  #ask(queue: LoadQueue, query: readonly Wanted[]): boolean {
    if (query.length === 0) return false
    if (queue !== this.#behind) this.#cold?.take(query.length)
    const sent = { at: this.#clock.now(), typicalMs: this.#guard.typicalMs }
    // Each has its own time; the query has that of the youngest, whose whole time is not yet over.
    const until = query.reduce((latest, { wantedAt }) => Math.max(latest, wantedAt), 0) + this.#options.timeoutMs
    for (const wanted of query) {
      this.#loads[wanted.cause] += 1
      wanted.leave(sent)
      this.#limit(wanted, until)
    }
    const [{ scope }] = query as readonly [Wanted, ...Wanted[]]
    const keys = query.map(({ key }) => key)
    void this.#queries.ask(scope, keys, until).then((answers) => {
      for (const wanted of query) wanted.end(answers.get(wanted.key) as KeyAnswer)
      // A failure may have opened the breaker for those who wait.
      this.#depart()
    })
    return true
  }

  #limit(wanted: Wanted, until: number): void {
    const endAt = wanted.wantedAt + this.#options.timeoutMs
    if (until - endAt < TICK_MS) return
    const timer = this.#clock.after(endAt - this.#clock.now(), () => wanted.end(this.#queries.timeout()))
    wanted.time(timer)
  }

  #refusal(why: OriginRefusal, detail?: { readonly retryAfterMs: number; readonly cause?: unknown }): RingsideError {
    this.#rejected[why] += 1
    // A full queue has emptied itself, one way or the other, after the time that each in it may wait.
    const retryAfterMs = this.#guard.refusal()?.retryAfterMs ?? this.#options.timeoutMs
    return refusalError(this.name, why, detail ?? { retryAfterMs })
  }
}
