import type pg from 'pg'
import type { Clock, Timer } from '../base/clock.ts'
import type { SourceEvent } from './event.ts'
import type { EventBatch, EventSession } from './event-source.ts'
import { deadTable, type OutboxNames } from './outbox-sql.ts'
import { sourceFailure } from './postgres-session.ts'
import { sourceUnavailable } from './source-unavailable.ts'
import { Wake } from './wake.ts'

export interface OutboxSessionOptions extends OutboxNames {
  /** Name of the source. */
  readonly name: string
  /** How often the session shows that it lives, and looks for rows that nothing woke it for. */
  readonly beatMs: number
}

/** Most events taken together. */
const BATCH = 1_000

interface OutboxRow {
  readonly id: string
  readonly type: string
  readonly payload: unknown
  readonly age_ms: string
}

/**
 * Takes rows away once what they outdate is invalidated. It remembers no position: rows become visible in the order of
 * their commits, which is not that of their ids, so a row with a smaller id may yet come.
 */
export class OutboxSession implements EventSession {
  readonly #options: OutboxSessionOptions
  readonly #client: pg.Client
  readonly #clock: Clock
  #beat: Timer
  readonly #wake = new Wake()
  /** There may be rows that the last look did not see. */
  #isWoken = true

  constructor(options: OutboxSessionOptions, client: pg.Client, clock: Clock) {
    this.#options = options
    this.#client = client
    this.#clock = clock
    client.on('notification', () => this.#look())
    client.on('end', () => this.#look())
    this.#beat = clock.after(options.beatMs, () => this.#onBeat())
  }

  async next(signal: AbortSignal): Promise<EventBatch | undefined> {
    while (!signal.aborted) {
      await this.#wake.until(() => this.#isWoken, signal)
      this.#isWoken = false
      const rows = await this.#rows()
      if (rows.length === 0) continue
      // More may have been there than fit.
      this.#isWoken = true
      return {
        events: rows.map(eventOf),
        ageMs: Math.max(0, Number(rows[0]!.age_ms)),
        done: (setAside) => this.#takeAway(rows, setAside),
      }
    }
    return undefined
  }

  async close(): Promise<void> {
    this.#beat.cancel()
    await this.#client.end().catch(() => undefined)
  }

  #look(): void {
    this.#isWoken = true
    this.#wake.wake()
  }

  /** While rows are looked for that is what shows life; while their targets are being invalidated, this. */
  #onBeat(): void {
    this.#look()
    this.#client.query('select 1').catch(() => undefined)
    this.#beat = this.#clock.after(this.#options.beatMs, () => this.#onBeat())
  }

  async #rows(): Promise<readonly OutboxRow[]> {
    const { name, table } = this.#options
    const text = `select id::text, type, payload, extract(epoch from clock_timestamp() - created_at) * 1000 as age_ms
      from ${table} order by id limit ${BATCH}`
    try {
      return (await this.#client.query<OutboxRow>({ name: 'ringside_outbox_rows', text })).rows
    } catch (error) {
      throw sourceFailure(name, error)
    }
  }

  /** In one statement, so that a row is either set aside or still there. */
  async #takeAway(rows: readonly OutboxRow[], setAside: ReadonlyMap<number, string>): Promise<void> {
    const { name, table } = this.#options
    const places = [...setAside.keys()]
    const text = `with taken as (delete from ${table} where id = any($1::bigint[]) returning *)
      insert into ${deadTable(table)} (id, type, payload, created_at, reason)
        select id, type, payload, created_at, reason
        from taken join unnest($2::bigint[], $3::text[]) as flawed (id, reason) using (id)`
    const values = [
      rows.map(({ id }) => id),
      places.map((place) => rows[place]?.id),
      places.map((place) => setAside.get(place)),
    ]
    try {
      await this.#client.query({ name: 'ringside_outbox_done', text, values })
    } catch (error) {
      throw sourceFailure(name, error)
    }
  }
}

/** Opens a session that is to be the only consumer; `undefined` where another one is. Takes over `client`. */
export async function beginOutboxSession(
  options: OutboxSessionOptions,
  client: pg.Client,
  clock: Clock,
  silenceMs: number,
): Promise<OutboxSession | undefined> {
  const { name, table, channel } = options
  // A process that stands still keeps its connection open: the server has to end it by its silence.
  await client.query(
    `select set_config(name, $1, false) from pg_settings where name = 'idle_session_timeout'
     union all select set_config(name, $1, false) from pg_settings where name = 'tcp_user_timeout'`,
    [String(silenceMs)],
  )
  const missing = [table, deadTable(table)]
  const { rows } = await client.query<{ name: string }>(
    'select name from unnest($1::text[]) as name where to_regclass(name) is null',
    [missing],
  )
  if (rows.length > 0) {
    const names = rows.map((row) => row.name).join(', ')
    throw sourceUnavailable(name, `lacks ${names}; \`node dist/main.js outbox-sql\` prints what creates it`)
  }
  const lock = "select pg_try_advisory_lock(hashtextextended('ringside outbox ' || $1::regclass::oid, 0)) as won"
  const { rows: locks } = await client.query<{ won: boolean }>(lock, [table])
  if (locks[0]?.won !== true) return undefined
  await client.query(`listen ${channel}`)
  return new OutboxSession(options, client, clock)
}

function eventOf({ type, payload }: OutboxRow): SourceEvent {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) {
    return { kind: 'domain', type, fields: payload as Record<string, unknown> }
  }
  return { kind: 'broken', why: 'its payload is no JSON object' }
}
