import type { Clock } from '../base/clock.ts'
import type { EventSession, EventSource } from './event-source.ts'
import { beginOutboxSession } from './outbox-session.ts'
import type { OutboxNames } from './outbox-sql.ts'
import { connectPostgres, sourceFailure } from './postgres-session.ts'

export interface OutboxSourceOptions extends OutboxNames {
  readonly name: string
  /** `postgres://user:password@host:port/database`. Never logged. */
  readonly url: string
  /** How often rows are looked for that nothing woke the consumer for; it shows that it lives as often. */
  readonly pollMs?: number
}

const USUAL_POLL_MS = 1_000
/** A consumer that has shown no life for so many polls is ended by the database, and another one takes over. */
const SILENT_POLLS = 5

/**
 * A table in PostgreSQL into which transactions write their events, so that they commit together with what they tell of.
 * The one consumer is who holds an advisory lock, which ends with its session.
 */
export class OutboxSource implements EventSource {
  readonly name: string
  readonly #options: OutboxSourceOptions
  readonly #clock: Clock

  constructor(options: OutboxSourceOptions, parts: { readonly clock: Clock }) {
    this.name = options.name
    this.#options = options
    this.#clock = parts.clock
  }

  async open(): Promise<EventSession | undefined> {
    const { name, url, table, channel, pollMs = USUAL_POLL_MS } = this.#options
    const client = await connectPostgres({ source: name, url })
    let session: EventSession | undefined
    try {
      const options = { name, table, channel, beatMs: pollMs }
      session = await beginOutboxSession(options, client, this.#clock, SILENT_POLLS * pollMs)
      return session
    } catch (error) {
      throw sourceFailure(name, error)
    } finally {
      if (session === undefined) await client.end().catch(() => undefined)
    }
  }

  warnings(): readonly string[] {
    return []
  }
}
