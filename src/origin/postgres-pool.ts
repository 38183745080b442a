import pg from 'pg'
import type { Clock } from '../base/clock.ts'
import type { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { LoadContext } from './origin.ts'
import { originUnavailable } from './origin-error.ts'
import { sendCancelRequest } from './postgres-cancel.ts'
import { postgresFailure } from './postgres-error.ts'

export interface PostgresPoolOptions {
  readonly name: string
  /** `postgres://user:password@host:port/database`. Never logged. */
  readonly url: string
  /** Of one statement, at the server too; and of connecting. */
  readonly timeoutMs: number
  /** No more than this many statements run at once, cancelled ones included. */
  readonly maxConcurrent: number
  /** Whether there may be transactions of several statements; what is between two of them has the same time. */
  readonly hasTransactions: boolean
}

export interface PostgresPoolParts {
  readonly clock: Clock
  readonly log: Log
}

/**
 * Connections to one PostgreSQL. They are made when they are needed and anew after they broke; one on which a statement was
 * cancelled or failed is not used again.
 */
export class PostgresPool {
  readonly #options: PostgresPoolOptions
  readonly #parts: PostgresPoolParts
  readonly #pool: pg.Pool

  constructor(options: PostgresPoolOptions, parts: PostgresPoolParts) {
    const { name, url, timeoutMs, maxConcurrent, hasTransactions } = options
    this.#options = options
    this.#parts = parts
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConcurrent,
      application_name: 'ringside',
      statement_timeout: timeoutMs,
      ...(hasTransactions ? { idle_in_transaction_session_timeout: timeoutMs } : {}),
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      allowExitOnIdle: true,
    })
    // A connection that breaks fails its query too, or the next one. Without a listener the event would end the process,
    // and the pool has none of its own while a connection is lent: that begins before whoever has asked for it can act.
    this.#pool.on('connect', (client) => void client.on('error', () => {}))
    this.#pool.on('error', (error) => {
      parts.log.warn({ origin: name, code: codeOf(error) }, 'an idle connection to the origin was lost')
    })
  }

  /** Tries a connection without waiting for it, so that the log says early what is wrong with it. */
  start(): void {
    void this.#connect().then(
      (client) => client.release(),
      (error: RingsideError) => this.#parts.log.warn({ origin: this.#options.name }, error.message),
    )
  }

  /** Statements under way are finished first. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }

  /** A connection for `run`. Rejects with a `RingsideError` where there is none, or it came too late. */
  async lend({ signal, deadlineAt }: LoadContext): Promise<pg.PoolClient> {
    const client = await this.#connect()
    // A process that stood still may get its connection before it hears of its deadline.
    if (!signal.aborted && this.#parts.clock.now() < deadlineAt) return client
    client.release()
    throw originUnavailable(this.#options.name, 'was no longer waited for')
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw postgresFailure(this.#options.name, error)
    }
  }

  /**
   * Has `work` done on a connection that was lent, and takes it back. `isReusable`: whether an error of it leaves the
   * connection as it was. Settles as `work` does, after an abort once nothing of it can run any more.
   */
  async run<T>(
    client: pg.PoolClient,
    { signal }: LoadContext,
    work: () => Promise<T>,
    isReusable: (error: unknown) => boolean,
  ): Promise<T> {
    let cancelled: { finish(): void } | undefined
    const cancel = () => {
      cancelled = this.#cancel(client)
    }
    signal.addEventListener('abort', cancel, { once: true })
    let reusable = false
    try {
      const result = await work()
      reusable = true
      return result
    } catch (error) {
      reusable = isReusable(error)
      throw error
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
    const timer = this.#parts.clock.after(this.#options.timeoutMs, () => void client.end())
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
