import pg from 'pg'
import { RingsideError } from '../base/errors.ts'
import { changesCollided, changesRefused, originUnavailable, UnanswerableKeys, withOutcome } from './origin-error.ts'

/**
 * SQLSTATEs by which PostgreSQL says that a text is no value of the type it is compared with: invalid text, out of
 * range, invalid or overflowing date, character unknown to the database.
 */
const KEY_UNREADABLE = new Set(['22P02', '22003', '22007', '22008', '22021', '22P05'])

/** Class 22, "data exception": the server is well, the data it was given or has found is not. */
export function isDataError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code?.startsWith('22') === true
}

/** The server or the driver ends connections that way: shutdown, crash; what is no error of the server is the network's. */
const ENDED = new Set(['57P01', '57P02'])

/** Of a query that was sent: its connection ended before it had. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || ENDED.has(error.code ?? '')
}

/** The driver's error as ours. Its message holds a SQLSTATE at most: PostgreSQL's own text may quote values. */
export function postgresFailure(origin: string, error: unknown): RingsideError {
  if (!isDataError(error)) return originUnavailable(origin, whatFailed(error), error)
  const code = (error as pg.DatabaseError).code ?? ''
  const [reason, message] = KEY_UNREADABLE.has(code)
    ? ([
        'KEY_INVALID',
        `key: origin ${origin} cannot read it as the type of its key column (SQLSTATE ${code})`,
      ] as const)
    : (['ORIGIN_UNAVAILABLE', `origin ${origin} cannot compute the value of a key (SQLSTATE ${code})`] as const)
  return new UnanswerableKeys(reason, message, { cause: error, metadata: { origin } })
}

/**
 * Classes of SQLSTATEs by which a change is taken for wrong: cardinality, data exception, integrity constraint, check
 * option of a view, and what functions and triggers raise.
 */
const REFUSES = new Set(['21', '22', '23', '44', 'P0'])

/** Serialization failure, deadlock. */
const COLLIDES = new Set(['40001', '40P01'])

/** Classes whose errors may follow a commit: the connection, the operator or the system, or nobody knows what. */
const SAYS_NOTHING = new Set(['08', '57', '58', 'XX'])
const COMPLETION_UNKNOWN = '40003'

/**
 * Whether the transaction of a failed statement has certainly been undone. The server says `ERROR` of one that it has
 * undone; a cancel or a shutdown may meet one that is committed already.
 */
export function isRolledBack(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') return false
  const { code = '' } = error
  return code !== '' && code !== COMPLETION_UNKNOWN && !SAYS_NOTHING.has(code.slice(0, 2))
}

/** The driver's error about a change as ours. Its message holds a SQLSTATE at most. */
export function postgresStoreFailure(origin: string, error: unknown, rolledBack: boolean): RingsideError {
  if (error instanceof RingsideError) return error
  if (!rolledBack) return withOutcome(originUnavailable(origin, whatFailed(error, 'store'), error), 'unknown')
  const { code = '' } = error as pg.DatabaseError
  if (REFUSES.has(code.slice(0, 2))) return changesRefused(origin, `refuses the change (SQLSTATE ${code})`, error)
  if (COLLIDES.has(code)) return changesCollided(origin, error)
  return withOutcome(originUnavailable(origin, whatFailed(error, 'store'), error), 'unchanged')
}

function whatFailed(error: unknown, statement: 'load' | 'store' = 'load'): string {
  if (!(error instanceof pg.DatabaseError)) {
    const code = (error as NodeJS.ErrnoException).code
    return `cannot be reached (${code ?? 'the connection was lost or timed out'})`
  }
  const { code = '' } = error
  if (code.startsWith('28')) return `refuses the login (SQLSTATE ${code}); check user and password in its url`
  if (code === '57014') return 'did not answer in time, so its query was cancelled'
  if (code.startsWith('42')) return `rejects its ${statement} statement (SQLSTATE ${code})`
  return `failed (SQLSTATE ${code})`
}
