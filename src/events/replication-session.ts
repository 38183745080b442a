import type pg from 'pg'
import { type Clock, pause } from '../base/clock.ts'
import type { EventBatch, EventSession } from './event-source.ts'
import { Pgoutput } from './pgoutput.ts'
import { sourceFailure } from './postgres-session.ts'
import { Wake } from './wake.ts'
import { type QueuedChange, WalQueue } from './wal-queue.ts'
import { WalStream, type WalStreamOptions } from './wal-stream.ts'

export interface ReplicationSessionOptions extends Omit<WalStreamOptions, 'silenceMs'> {
  /** Name of the source. */
  readonly name: string
}

export interface ReplicationSessionParts {
  /** Speaks the protocol of replication. The session takes over both. */
  readonly streaming: pg.Client
  /** Of the same database, for queries. */
  readonly asking: pg.Client
  readonly clock: Clock
  /** What the source is to remember of changes that were set aside. */
  readonly onSetAside: (table: string, why: string) => void
}

/** Most changes taken together. */
const BATCH = 1_000
/** So many wait at most; the server keeps the rest. */
const MOST_WAITING = 10 * BATCH
/** A consumer that has shown no life for so many beats is ended by the server, and a silent server is given up. */
const SILENT_BEATS = 5
/** How often it is looked whether a transaction has become visible. */
const LOOK_MS = 5

/** The transactions of `$1` (32 bits each) that readers cannot see yet, though they are in the log. */
const UNSEEN = `with now as (select pg_current_snapshot() as snapshot, pg_snapshot_xmax(pg_current_snapshot())::text::bigint as ahead),
  named as (select (ahead >> 32 << 32) + xid as xid, ahead, snapshot from now, unnest($1::bigint[]) as xid)
  select 1 from named
  where not pg_visible_in_snapshot((case when xid > ahead then xid - (1::bigint << 32) else xid end)::text::xid8, snapshot)
  limit 1`

/** A slot as long as it is streamed from, which one session at a time can do. */
export class ReplicationSession implements EventSession {
  readonly #options: ReplicationSessionOptions
  readonly #parts: ReplicationSessionParts
  readonly #stream: WalStream
  readonly #plugin = new Pgoutput()
  readonly #queue = new WalQueue()
  #ended: { readonly error: unknown } | undefined
  readonly #wake = new Wake()

  constructor(options: ReplicationSessionOptions, parts: ReplicationSessionParts) {
    this.#options = options
    this.#parts = parts
    this.#stream = new WalStream({ ...options, silenceMs: SILENT_BEATS * options.beatMs }, parts.streaming, {
      clock: parts.clock,
      onMessage: (message, sentUs) => this.#take(message, sentUs),
      onPosition: (position) => this.#advance(position),
      onEnd: (error) => {
        this.#ended = { error }
        this.#wake.wake()
      },
    })
  }

  /** Rejects with the driver's error. */
  start(): Promise<void> {
    return this.#stream.start()
  }

  async next(signal: AbortSignal): Promise<EventBatch | undefined> {
    for (;;) {
      await this.#wake.until(() => this.#queue.size > 0 || this.#ended !== undefined, signal)
      if (signal.aborted) return undefined
      if (this.#ended !== undefined) throw sourceFailure(this.#options.name, this.#ended.error)
      const { changes, position } = this.#queue.take(BATCH)
      if (this.#queue.size < MOST_WAITING) this.#stream.resume()
      const confirm = () => {
        this.#queue.dealtWith()
        if (position !== undefined) this.#stream.confirm(position)
      }
      const [oldest] = changes
      if (oldest === undefined) {
        confirm()
        continue
      }
      await this.#untilSeen(changes, signal)
      return {
        events: changes.map(({ event }) => event),
        ageMs: Math.max(0, this.#parts.clock.now() - oldest.committedAt),
        done: async (setAside) => {
          if (this.#ended !== undefined) throw sourceFailure(this.#options.name, this.#ended.error)
          for (const [index, why] of setAside) this.#parts.onSetAside(changes[index]?.event.table ?? '', why)
          confirm()
        },
      }
    }
  }

  async close(): Promise<void> {
    this.#stream.close()
    await this.#parts.asking.end().catch(() => undefined)
  }

  #take(message: Buffer, sentUs: bigint): void {
    const { clock } = this.#parts
    const change = this.#plugin.read(message)
    const agoMs = change.kind === 'begin' ? Number(sentUs - change.committedUs) / 1_000 : 0
    this.#queue.add(change, clock.now() - Math.max(0, agoMs))
    if (this.#queue.size >= MOST_WAITING) this.#stream.pause()
    if (change.kind === 'commit' || this.#queue.size >= BATCH) this.#wake.wake()
  }

  /** So that a database whose other tables are busy can remove its log although nothing happens to these. */
  #advance(position: bigint): void {
    if (this.#queue.isIdle) this.#stream.confirm(position)
  }

  /**
   * A commit is in the log, and streamed, a moment before others see it; where it waits for a standby that moment is as long
   * as that takes. What is loaded in between is the old value, so it is invalidated only then.
   */
  async #untilSeen(changes: readonly QueuedChange[], signal: AbortSignal): Promise<void> {
    const values = [[...new Set(changes.map(({ xid }) => xid))]]
    while (!signal.aborted && this.#ended === undefined) {
      const { rows } = await this.#ask(values)
      if (rows.length === 0) return
      await pause(this.#parts.clock, LOOK_MS, signal)
    }
  }

  async #ask(values: unknown[]): Promise<pg.QueryResult> {
    try {
      return await this.#parts.asking.query({ name: 'ringside_unseen', text: UNSEEN, values })
    } catch (error) {
      throw sourceFailure(this.#options.name, error)
    }
  }
}
