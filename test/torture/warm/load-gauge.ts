import type { Postgres } from '../../support/postgres.ts'

const LOCK = 7
const HELD_SECONDS = 0.005

const TABLES = `
create table statements (at timestamptz not null, together int not null);
create table wanted (id bigint not null, at timestamptz not null);
create function gauged(ids bigint[]) returns bigint[] language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(${LOCK});
  insert into statements select clock_timestamp(), count(*)
    from pg_locks where locktype = 'advisory' and objid = ${LOCK} and granted;
  insert into wanted select unnest(ids), clock_timestamp();
  perform pg_sleep(${HELD_SECONDS});
  return ids;
end $$;
`

/** Statements that yield the rows of `product_values`, each of which tells the database itself of what it runs beside. */
export const GAUGED = {
  load: 'with asked as materialized (select gauged($1::bigint[]) as ids) select id as key, value from product_values where id = any((select ids from asked)::bigint[])',
  warm: "with asked as materialized (select gauged('{}') as ids) select id as key from products, asked where $1::bigint is null or id > $1::bigint order by id limit $2",
}

/** What a database knows of the statements that were asked of it: counted within each, while it holds a lock that all of them share. */
export class LoadGauge {
  readonly #postgres: Postgres

  private constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  static async on(postgres: Postgres): Promise<LoadGauge> {
    await postgres.query(TABLES)
    return new LoadGauge(postgres)
  }

  /** Most statements that ran at once. */
  async mostTogether(): Promise<number> {
    return this.#number('select coalesce(max(together), 0) as number from statements')
  }

  /** Keys that were asked for, each as often as it was. */
  async wanted(): Promise<number> {
    return this.#number('select count(*) as number from wanted')
  }

  /** Most keys within one second of the clock. */
  async mostInASecond(): Promise<number> {
    const seconds = "select count(*) as keys from wanted group by date_trunc('second', at)"
    return this.#number(`select coalesce(max(keys), 0) as number from (${seconds}) as seconds`)
  }

  /** The moment, on its clock. */
  async now(): Promise<string> {
    const [row] = await this.#postgres.query<{ now: string }>('select clock_timestamp()::text as now')
    return row?.now ?? ''
  }

  /** Those of the keys that were asked for since. */
  async wantedSince(moment: string, keys: readonly string[]): Promise<readonly string[]> {
    const sql = 'select distinct id::text from wanted where at > $1::timestamptz and id = any($2::bigint[])'
    return (await this.#postgres.query<{ id: string }>(sql, [moment, keys])).map(({ id }) => id)
  }

  async #number(sql: string): Promise<number> {
    const [row] = await this.#postgres.query<{ number: string }>(sql)
    return Number(row?.number)
  }
}
