import pg from 'pg'
import { sqlState } from './postgres-session.ts'
import { sourceUnavailable } from './source-unavailable.ts'

export interface ReplicationNames {
  /** Name of the source. */
  readonly name: string
  readonly slot: string
  readonly publication: string
  /** With their schemas, such as `public.products`. */
  readonly tables: readonly string[]
}

/** A new slot begins when all transactions have ended that were there before. */
const SLOT_PATIENCE_MS = 600_000
const FORBIDDEN = '42501'
const DUPLICATE = new Set(['42710', '23505'])

interface TableRow {
  readonly name: string
  readonly exists: boolean
  readonly identity: readonly string[] | null
}

/** Columns that identify a row of a table to the log; `undefined` = all of them are told. */
export type Identities = ReadonlyMap<string, readonly string[] | undefined>

const TABLES = `select wanted.name, class.oid is not null as exists,
    case class.relreplident
      when 'f' then array['*']
      when 'n' then array[]::text[]
      else array(
        select attname::text from pg_index as index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
        where indrelid = class.oid and case class.relreplident when 'i' then indisreplident else indisprimary end)
    end as identity
  from unnest($1::text[]) as wanted (name)
  left join (pg_class as class join pg_namespace as schema on schema.oid = class.relnamespace)
    on schema.nspname || '.' || class.relname = wanted.name and class.relkind in ('r', 'p')`

/**
 * Sees to it that the publication tells of all tables. Rejects with what is to be done where that takes rights which the user
 * has not. A table without a replica identity is never published: the database would then refuse its updates and deletes.
 */
export async function preparePublication(client: pg.Client, names: ReplicationNames): Promise<Identities> {
  const { rows } = await client.query<TableRow>(TABLES, [names.tables])
  const absent = rows.filter(({ exists }) => !exists).map(({ name }) => name)
  if (absent.length > 0) throw sourceUnavailable(names.name, `lacks the tables ${absent.join(', ')}`)
  const anonymous = rows.filter(({ identity }) => identity?.length === 0).map(({ name }) => name)
  if (anonymous.length > 0) {
    const mend = anonymous.map((table) => `alter table ${tableName(table)} replica identity full`).join('; ')
    const why = 'has tables that nothing identifies the rows of, so that publishing them would make their updates fail'
    throw sourceUnavailable(names.name, `${why}; add a primary key, or run: ${mend}`)
  }
  await publish(client, names)
  return new Map(rows.map(({ name, identity }) => [name, identity?.[0] === '*' ? undefined : (identity ?? [])]))
}

async function publish(client: pg.Client, { name, publication, tables }: ReplicationNames): Promise<void> {
  const { rows: known } = await client.query('select 1 from pg_publication where pubname = $1', [publication])
  const { rows } = await client.query<{ table: string }>(
    "select schemaname || '.' || tablename as table from pg_publication_tables where pubname = $1",
    [publication],
  )
  const told = new Set(rows.map(({ table }) => table))
  const untold = tables.filter((table) => !told.has(table)).map(tableName)
  if (known.length > 0 && untold.length === 0) return
  const id = pg.escapeIdentifier(publication)
  const sql =
    known.length === 0
      ? `create publication ${id} for table ${untold.join(', ')} with (publish_via_partition_root = true)`
      : `alter publication ${id} add table ${untold.join(', ')}`
  await alone(client, sql, (cause) =>
    sourceUnavailable(name, `may not set its publication up; run as the owner of the tables: ${sql}`, cause),
  )
}

export type SlotState =
  | 'ready'
  | 'busy'
  /** It is not there. */
  | 'missing'
  /** The server has removed the log that it stood for. */
  | 'lost'

export async function slotState(client: pg.Client, { name, slot }: ReplicationNames): Promise<SlotState> {
  const { rows } = await client.query<{ active: boolean; usable: boolean; lost: boolean }>(
    `select active, wal_status = 'lost' as lost,
       plugin is not distinct from 'pgoutput' and database is not distinct from current_database() as usable
     from pg_replication_slots where slot_name = $1`,
    [slot],
  )
  const [row] = rows
  if (row === undefined) return 'missing'
  if (!row.usable)
    throw sourceUnavailable(name, `has a slot ${slot} that is not for pgoutput in its database; choose another name`)
  if (row.lost) return 'lost'
  return row.active ? 'busy' : 'ready'
}

/** Sets a slot up unless another session does so at the time: false then. */
export async function whileAlone(
  client: pg.Client,
  { slot }: ReplicationNames,
  work: () => Promise<boolean>,
): Promise<boolean> {
  const lock = [`ringside slot ${slot}`]
  const { rows } = await client.query<{ mine: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
    lock,
  )
  if (rows[0]?.mine !== true) return false
  try {
    return await work()
  } finally {
    // A session that is gone has left it.
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock).catch(() => undefined)
  }
}

/**
 * Makes the slot anew. Whatever is missed until it stands has to be made up for by `missed`, and a crash in between must not
 * lose sight of that: so it is made under a name that ends with the session, and gets its own only then. False where
 * another session was faster.
 */
export async function createSlot(
  client: pg.Client,
  { name, slot }: ReplicationNames,
  missed: () => Promise<void>,
): Promise<boolean> {
  const sql = `select pg_create_logical_replication_slot('${slot}', 'pgoutput')`
  const refused = (cause: unknown) =>
    sourceUnavailable(name, `may not create its slot; give its user the attribute REPLICATION, or run: ${sql}`, cause)
  const draft = `${slot.slice(0, 40)}_${Math.trunc((client as unknown as { processID: number }).processID)}`
  await client.query(`set statement_timeout = ${SLOT_PATIENCE_MS}`)
  await alone(client, `select pg_create_logical_replication_slot('${draft}', 'pgoutput', true)`, refused)
  await client.query('reset statement_timeout')
  await missed()
  const isMade = await alone(client, `select pg_copy_logical_replication_slot('${draft}', '${slot}', false)`, refused)
  await client.query('select pg_drop_replication_slot($1)', [draft])
  return isMade
}

/** Removes a slot that is good for nothing any more. */
export async function dropSlot(client: pg.Client, { slot }: ReplicationNames): Promise<void> {
  await client.query(
    'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active',
    [slot],
  )
}

/** False when somebody else has done the same. */
async function alone(client: pg.Client, sql: string, refused: (cause: unknown) => Error): Promise<boolean> {
  try {
    await client.query({ text: sql, query_timeout: SLOT_PATIENCE_MS } as pg.QueryConfig)
    return true
  } catch (error) {
    const code = sqlState(error) ?? ''
    if (code === FORBIDDEN) throw refused(error)
    if (DUPLICATE.has(code)) return false
    throw error
  }
}

function tableName(table: string): string {
  const [schema = '', name = ''] = table.split('.')
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
}
