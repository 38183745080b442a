import pg from 'pg'
import { RingsideError } from '../base/errors.ts'
import { sourceUnavailable } from './source-unavailable.ts'

/** Connecting, and every answer, take no longer than this, or the session is over. */
const PATIENCE_MS = 5_000
/** A silent connection is probed after so long. */
const PROBE_AFTER_MS = 5_000

export interface PostgresSessionOptions {
  /** Name of the event source. */
  readonly source: string
  /** `postgres://user:password@host:port/database`. Never logged. */
  readonly url: string
  /** Speaks the protocol of logical replication. */
  readonly replicates?: boolean
}

/** One connection of its own. Rejects with `ORIGIN_UNAVAILABLE`. */
export async function connectPostgres({ source, url, replicates }: PostgresSessionOptions): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'ringside-events',
    keepAlive: true,
    keepAliveInitialDelayMillis: PROBE_AFTER_MS,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    ...(replicates ? ({ replication: 'database' } as object) : { statement_timeout: PATIENCE_MS }),
  })
  // A connection that breaks fails its query, or the next one; without a listener the event would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    void client.end().catch(() => undefined)
    throw sourceFailure(source, error)
  }
}

/** The driver's error as ours. Its message holds a SQLSTATE at most: PostgreSQL's own text may quote values. */
export function sourceFailure(source: string, error: unknown): RingsideError {
  if (error instanceof RingsideError) return error
  return sourceUnavailable(source, whatFailed(error), error)
}

/** `undefined` for what is no error of the server. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

function whatFailed(error: unknown): string {
  const code = sqlState(error)
  if (code === undefined) {
    return `cannot be reached (${(error as NodeJS.ErrnoException).code ?? 'the connection was lost or timed out'})`
  }
  if (code.startsWith('28')) return `refuses the login (SQLSTATE ${code}); check user and password in its url`
  if (code === '42501') return 'refuses its user what it needs (SQLSTATE 42501); see docs/events.md for the rights'
  return `failed (SQLSTATE ${code})`
}
