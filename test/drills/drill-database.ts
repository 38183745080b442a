import pg from 'pg'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { Postgres } from '../support/postgres.ts'
import { createProducts } from '../support/products.ts'
import { monotonicMs } from './monotonic.ts'

/** As many loads may run at once, over all sidecars together. */
export const ORIGIN_LIMIT = 16
/** Every load takes this long, so that many at once would show. */
export const LOAD_MS = 5

/** Names of advisory locks: one for each place, and one under which a place is looked for. */
const PLACES = 4_711
const DOOR = 4_712

/** The load statement of the sidecars. It takes one of as many places as there may be loads, or fails and is counted. */
export const LOAD_SQL =
  'select id as key, value from unnest(drill_load($1)) as asked join product_values on product_values.id = asked'

/** Fills the tables. The door is held while a place is looked for: nobody else takes one then, so a failure is proof. */
export async function createDrillDatabase(postgres: Postgres): Promise<void> {
  await createProducts(postgres)
  await postgres.query('create table drill_pace (ms float8 not null)')
  await postgres.query(`insert into drill_pace values (${LOAD_MS})`)
  await postgres.query('create sequence drill_loads cache 1')
  await postgres.query('create sequence drill_refusals cache 1')
  await postgres.query(`create function drill_load(ids bigint[]) returns bigint[] language plpgsql volatile as $$
    declare
      found_place boolean := false;
    begin
      perform nextval('drill_loads');
      perform pg_advisory_lock(${DOOR}, 0);
      for place in 1..${ORIGIN_LIMIT} loop
        found_place := pg_try_advisory_xact_lock(${PLACES}, place);
        exit when found_place;
      end loop;
      perform pg_advisory_unlock(${DOOR}, 0);
      if not found_place then
        perform nextval('drill_refusals');
        raise exception 'more than ${ORIGIN_LIMIT} loads at once';
      end if;
      perform pg_sleep(ms / 1000) from drill_pace;
      return ids;
    end $$`)
  await postgres.query('grant all on all tables in schema public to public')
  await postgres.query('grant all on all sequences in schema public to public')
}

/** From now on every load takes this long. */
export async function setLoadTime(postgres: Postgres, ms: number): Promise<void> {
  await postgres.query('update drill_pace set ms = $1', [ms])
}

/** The revision of each of the first `keys` rows, by its id. */
export async function readRevisions(postgres: Postgres, keys: number): Promise<ReadonlyMap<number, number>> {
  const rows = await postgres.query<{ id: string; revision: number }>(
    'select id, revision from products where id <= $1',
    [keys],
  )
  return new Map(rows.map(({ id, revision }) => [Number(id), revision]))
}

/** What the database says of itself at one moment. */
export interface Gauge {
  readonly at: number
  /** Loads since the beginning. */
  readonly loads: number
  /** Loads that hold a place now. */
  readonly atOnce: number
  /** Loads that found no place, since the beginning. */
  readonly refusals: number
}

const GAUGE_SQL = `select
  (select case when is_called then last_value else 0 end from drill_loads)::int as loads,
  (select case when is_called then last_value else 0 end from drill_refusals)::int as refusals,
  (select count(*) from pg_locks where locktype = 'advisory' and classid = ${PLACES} and granted)::int as at_once`

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
    this.#url = postgres.url
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
    const { rows } = await this.#client.query<{ loads: number; at_once: number; refusals: number }>(GAUGE_SQL)
    const [row] = rows
    if (row !== undefined)
      this.gauges.push({ at: monotonicMs(), loads: row.loads, atOnce: row.at_once, refusals: row.refusals })
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
