import pg from 'pg'
import { pause, systemClock } from '../../../src/base/clock.ts'
import type { Postgres } from '../../support/postgres.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { PLACES } from './drill-database.ts'
import { socketUrl } from './drill-world.ts'

/** What the database says of itself at one moment. */
export interface Gauge {
  readonly at: number
  /** Loads since the beginning. */
  readonly loads: number
  /** Those of them that had the counted key among theirs. */
  readonly counted: number
  /** Loads that hold a place now. */
  readonly atOnce: number
  /** Loads that found no place, since the beginning. */
  readonly refusals: number
  /** Connections of the sidecars that stand now. */
  readonly connections: number
}

const GAUGE_SQL = `select
  (select case when is_called then last_value else 0 end from drill_loads)::int as loads,
  (select case when is_called then last_value else 0 end from drill_counted)::int as counted,
  (select case when is_called then last_value else 0 end from drill_refusals)::int as refusals,
  (select count(*) from pg_locks where locktype = 'advisory' and classid = ${PLACES} and granted)::int as at_once,
  (select count(*) from pg_stat_activity where application_name = 'ringside')::int as connections`

interface GaugeRow {
  readonly loads: number
  readonly counted: number
  readonly refusals: number
  readonly at_once: number
  readonly connections: number
}

const EVERY_MS = 100
const TIMEOUT_MS = 2_000

/** Asks the database again and again, until stopped; while it does not answer there are no gauges. */
export class DatabaseWatch {
  readonly gauges: Gauge[] = []
  readonly #url: string
  readonly #watching: Promise<void>
  #client: pg.Client | undefined
  #stopped = false

  constructor(postgres: Postgres) {
    this.#url = socketUrl(postgres)
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#watching
    await this.#client?.end().catch(() => undefined)
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      await this.#ask().catch(() => {
        this.#client?.end().catch(() => undefined)
        this.#client = undefined
      })
      await pause(systemClock, EVERY_MS)
    }
  }

  async #ask(): Promise<void> {
    this.#client ??= await this.#connect()
    const { rows } = await this.#client.query<GaugeRow>(GAUGE_SQL)
    const [row] = rows
    if (row === undefined) return
    const { loads, counted, refusals, at_once: atOnce, connections } = row
    this.gauges.push({ at: monotonicMs(), loads, counted, atOnce, refusals, connections })
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'drill-watch',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
}
