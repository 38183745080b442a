import pg from 'pg'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { LoadContext, LoadedValues, LoadScope, OriginAdapter } from './origin.ts'
import { connectionLost, originUnavailable } from './origin-error.ts'
import { sendCancelRequest } from './postgres-cancel.ts'
import { isConnectionLost, isDataError, postgresFailure } from './postgres-error.ts'
import { readRows } from './postgres-rows.ts'

export interface PostgresOriginOptions {
  readonly name: string
  /** `postgres://user:password@host:port/database`. Never logged. */
  readonly url: string
  /**
   * SQL that yields the columns `key` and `value`. `$1` is the array of keys, as in `where id = any($1)`; PostgreSQL
   * infers its type from there. `$2`, where it occurs, is the tenant.
   */
  readonly load: string
  /** Of one query, at the server too; and of connecting. */
  readonly timeoutMs: number
  /** Size of the pool: no more than this many queries run at once, cancelled ones included. */
  readonly maxConcurrent: number
}

export interface PostgresOriginParts {
  readonly clock: Clock
  readonly log: Log
}

const AS_SENT = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

/**
 * An origin in PostgreSQL. Each connection prepares the statement once. Connections are made when they are needed and
 * anew after they broke; one on which a query was cancelled or failed is not used again.
 */
export class PostgresOrigin implements OriginAdapter {
  readonly type = 'postgres'
  readonly #options: PostgresOriginOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #pool: pg.Pool
  readonly #namesTenant: boolean

  /** Throws `CONFIG_INVALID` when the statement cannot take keys. */
  constructor(options: PostgresOriginOptions, parts: PostgresOriginParts) {
    const { name, url, load, timeoutMs, maxConcurrent } = options
    if (!/\$1(?!\d)/.test(load)) {
      throw new RingsideError('CONFIG_INVALID', `origins.${name}.load never uses its keys; add: where id = any($1)`)
    }
    this.#options = options
    this.#clock = parts.clock
    this.#log = parts.log
    this.#namesTenant = /\$2(?!\d)/.test(load)
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConcurrent,
      application_name: 'ringside',
      statement_timeout: timeoutMs,
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      allowExitOnIdle: true,
    })
    // A connection that breaks fails its query too, or the next one. Without a listener the event would end the process,
    // and the pool has none of its own while a connection is lent: that begins before whoever has asked for it can act.
    this.#pool.on('connect', (client) => void client.on('error', () => {}))
    this.#pool.on('error', (error) => {
      this.#log.warn({ origin: name, code: codeOf(error) }, 'an idle connection to the origin was lost')
    })
  }

  /** Tries a connection without waiting for it, so that the log says early what is wrong with it. */
  async start(): Promise<void> {
    void this.#connect().then(
      (client) => client.release(),
      (error: RingsideError) => this.#log.warn({ origin: this.#options.name }, error.message),
    )
  }

  /** Queries under way are finished first. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }

  async load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    const { signal, deadlineAt } = context
    const client = await this.#connect()
    // A process that stood still may get its connection before it hears of its deadline.
    if (signal.aborted || this.#clock.now() >= deadlineAt) {
      client.release()
      throw originUnavailable(this.#options.name, 'was no longer waited for')
    }
    const values = this.#namesTenant ? [keys, scope.tenant] : [keys]
    const result = await this.#query(client, values, signal)
    return readRows(this.#options.name, result)
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw postgresFailure(this.#options.name, error)
    }
  }

  async #query(client: pg.PoolClient, values: unknown[], signal: AbortSignal): Promise<pg.QueryArrayResult> {
    let cancelled: { finish(): void } | undefined
    const cancel = () => {
      cancelled = this.#cancel(client)
    }
    signal.addEventListener('abort', cancel, { once: true })
    let reusable = false
    try {
      const query = {
        name: 'ringside_load',
        text: this.#options.load,
        values,
        rowMode: 'array',
        types: AS_SENT,
      } as const
      const result = await client.query(query)
      reusable = true
      return result
    } catch (error) {
      reusable = isDataError(error)
      if (isConnectionLost(error)) throw connectionLost(this.#options.name, 'broke off before it had answered', error)
      throw postgresFailure(this.#options.name, error)
    } finally {
      signal.removeEventListener('abort', cancel)
      cancelled?.finish()
      // A cancel request may still be on its way: it must find nobody else's query on that connection.
      client.release(!reusable || cancelled !== undefined)
    }
  }

  /**
   * Has the server end the query, and waits for it to do so: as long as it may run there, the connection is not given
   * up. After one more timeout the server's own `statement_timeout` has ended it, whatever became of the request.
   */
  #cancel(client: pg.PoolClient): { finish(): void } {
    const socket = sendCancelRequest(client)
    const timer = this.#clock.after(this.#options.timeoutMs, () => void client.end())
    return {
      finish() {
        timer.cancel()
        socket.destroy()
      },
    }
  }
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
