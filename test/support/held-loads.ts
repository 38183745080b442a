import pg from 'pg'
import type { Postgres } from './postgres.ts'

const LOCK = 4_242

/** Loads that the database answers when it is let, and not when some time has passed. */
export interface HeldLoads {
  /** The statement to load with: each key is its own value. */
  readonly load: string
  /** How many loads are under way, and held. */
  waiting(): Promise<number>
  release(): Promise<void>
}

/** Holds all loads of `load` from now on. */
export async function holdLoads(postgres: Postgres): Promise<HeldLoads> {
  const holder = new pg.Client({ connectionString: postgres.url })
  // A test that has failed does not release it: the server ends it when it stops.
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('select pg_advisory_lock($1)', [LOCK])
  return {
    load: `with held as materialized (select pg_advisory_xact_lock_shared(${LOCK})) select k as key, k as value from unnest($1::text[]) as k, held`,
    async waiting() {
      const sql = `select count(*)::int as count from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`
      const [row] = await postgres.query<{ count: number }>(sql)
      return row?.count ?? 0
    },
    release: () => holder.end(),
  }
}
