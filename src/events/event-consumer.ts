import type { Chance } from '../base/chance.ts'
import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { EventRules } from './event-rules.ts'
import type { EventBatch, EventSession, EventSource } from './event-source.ts'
import { Targets } from './targets.ts'

/** How often it is tried to become the consumer, while another is. */
const STANDBY_MS = 1_000
const FIRST_RETRY_MS = 100
const MOST_RETRY_MS = 5_000

export type ConsumerState =
  | { readonly is: 'starting' | 'standby' | 'active' }
  | { readonly is: 'down'; readonly why: string }

export interface ConsumerStats {
  /** Events, by what became of them. `failed` ones are tried again, and counted once more then. */
  readonly results: Readonly<Record<'applied' | 'ignored' | 'malformed' | 'failed', number>>
  /** How long ago the oldest event came about that was brought and is not applied yet; `undefined` unless active. */
  readonly lagMs: number | undefined
  /** How often events may have been missed for good. */
  readonly gaps: number
}

export interface EventConsumerParts {
  readonly source: EventSource
  readonly rules: EventRules
  /** Resolves once all of it is invalidated for good: acknowledged by its shards, or kept in the journal. */
  readonly invalidate: (targets: Targets) => Promise<void>
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/**
 * Takes events from a source and invalidates what they outdate. At least once: a batch is given back to its source as done
 * only after that. What fails is tried again, never skipped; what is malformed is set aside and keeps nothing else waiting.
 */
export class EventConsumer {
  readonly name: string
  readonly #parts: EventConsumerParts
  readonly #closing = new AbortController()
  readonly #results = { applied: 0, ignored: 0, malformed: 0, failed: 0 }
  #gaps = 0
  #state: ConsumerState = { is: 'starting' }
  /** When the oldest event in hand came about, on the monotonic clock. */
  #oldestAt: number | undefined
  /** Sessions in a row that brought nothing. */
  #failures = 0
  #running: Promise<void> | undefined
  #isOpening = false

  constructor(parts: EventConsumerParts) {
    this.name = parts.source.name
    this.#parts = parts
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** What is being invalidated is finished first, but not tried again. A session that is being opened is not waited for. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#isOpening) await this.#running
  }

  state(): ConsumerState {
    return this.#state
  }

  warnings(): readonly string[] {
    return this.#parts.source.warnings()
  }

  stats(): ConsumerStats {
    const oldestAt = this.#oldestAt ?? this.#parts.clock.now()
    const lagMs = this.#state.is === 'active' ? Math.max(0, this.#parts.clock.now() - oldestAt) : undefined
    return { results: { ...this.#results }, lagMs, gaps: this.#gaps }
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const session = await this.#open()
        if (session === undefined) await this.#standBy()
        else await this.#consume(session)
      } catch (error) {
        this.#goDown(RingsideError.from(error))
        await this.#rest(this.#failures)
        this.#failures += 1
      }
    }
  }

  async #open(): Promise<EventSession | undefined> {
    this.#isOpening = true
    try {
      return await this.#parts.source.open((why) => this.#missed(why))
    } finally {
      this.#isOpening = false
    }
  }

  async #standBy(): Promise<void> {
    if (this.#state.is !== 'standby') this.#become({ is: 'standby' }, 'events are consumed by another sidecar')
    await pause(this.#parts.clock, STANDBY_MS * (0.5 + this.#parts.chance.uniform()), this.#closing.signal)
  }

  async #consume(session: EventSession): Promise<void> {
    const { signal } = this.#closing
    this.#become({ is: 'active' }, 'events are consumed by this sidecar')
    try {
      for (;;) {
        const batch = await session.next(signal)
        if (batch === undefined) return
        this.#failures = 0
        await this.#take(batch)
        if (signal.aborted) return
      }
    } finally {
      this.#oldestAt = undefined
      await session.close()
    }
  }

  async #take(batch: EventBatch): Promise<void> {
    const { rules, clock, log } = this.#parts
    this.#oldestAt = clock.now() - batch.ageMs
    const targets = new Targets()
    const setAside = new Map<number, string>()
    let ignored = 0
    for (const [index, event] of batch.events.entries()) {
      const { matched, flaws } = rules.apply(event, targets)
      if (!matched) ignored += 1
      if (flaws.length > 0) setAside.set(index, flaws.join('; '))
    }
    const applied = batch.events.length - ignored - setAside.size
    if (!(await this.#invalidate(targets, applied))) return
    await batch.done(setAside)
    for (const why of setAside.values()) log.warn({ source: this.name, why }, 'a malformed event was set aside')
    this.#results.applied += applied
    this.#results.ignored += ignored
    this.#results.malformed += setAside.size
    this.#oldestAt = undefined
  }

  async #missed(why: string): Promise<void> {
    this.#gaps += 1
    this.#parts.log.error({ source: this.name, why }, 'events may have been missed')
    if (await this.#invalidate(this.#parts.rules.all(), 0)) return
    throw new RingsideError('CANCELLED', 'the sidecar ended before what may have been missed was outdated')
  }

  /** Tries until it succeeds; false when it is no longer to be tried. */
  async #invalidate(targets: Targets, events: number): Promise<boolean> {
    const { invalidate, log } = this.#parts
    for (let attempt = 0; ; attempt += 1) {
      try {
        await invalidate(targets)
        return true
      } catch (error) {
        const { message, reason } = RingsideError.from(error)
        this.#results.failed += events
        const fields = { source: this.name, reason, attempt: attempt + 1 }
        log.warn(fields, `what events outdate could not be invalidated and is tried again: ${message}`)
        await this.#rest(attempt)
        if (this.#closing.signal.aborted) return false
      }
    }
  }

  #rest(failures: number): Promise<void> {
    const { clock, chance } = this.#parts
    const usualMs = Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10))
    return pause(clock, usualMs * (0.5 + chance.uniform()), this.#closing.signal)
  }

  #become(state: ConsumerState, message: string): void {
    this.#state = state
    this.#parts.log.info({ source: this.name }, message)
  }

  #goDown({ message: why }: RingsideError): void {
    if (this.#closing.signal.aborted) return
    const before = this.#state
    this.#state = { is: 'down', why }
    if (before.is !== 'down' || before.why !== why) this.#parts.log.warn({ source: this.name }, why)
  }
}
