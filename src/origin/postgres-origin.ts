import type pg from 'pg'
import { RingsideError } from '../base/errors.ts'
import type { ListKeys, LoadContext, LoadedValues, LoadScope, OriginAdapter, StoreChanges } from './origin.ts'
import { connectionLost } from './origin-error.ts'
import { isConnectionLost, isDataError, postgresFailure } from './postgres-error.ts'
import { PostgresKeys } from './postgres-keys.ts'
import { PostgresPool, type PostgresPoolOptions, type PostgresPoolParts } from './postgres-pool.ts'
import { readRows } from './postgres-rows.ts'
import { PostgresStores } from './postgres-stores.ts'
import type { RowEncoding } from './postgres-values.ts'

export interface PostgresOriginOptions extends Omit<PostgresPoolOptions, 'hasTransactions'> {
  /**
   * SQL that yields the columns `key` and `value`. `$1` is the array of keys, as in `where id = any($1)`; PostgreSQL
   * infers its type from there. `$2`, where it occurs, is the tenant.
   */
  readonly load: string
  /** How values are served; JSON unless given. */
  readonly encoding?: RowEncoding
  /** SQL that stores values, see `PostgresStoresOptions`; `undefined` = nothing can be changed. */
  readonly store?: string | undefined
  readonly delete?: string | undefined
  /**
   * SQL that yields the column `key` of the `$2` keys that follow `$1`, which is NULL for the first of all; `$3`, where it
   * occurs, is the tenant. `undefined` = the keys cannot be listed.
   */
  readonly warm?: string | undefined
}

const AS_SENT = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

/** An origin in PostgreSQL. Each connection prepares each statement once. */
export class PostgresOrigin implements OriginAdapter {
  readonly type = 'postgres'
  readonly store: StoreChanges | undefined
  readonly list: ListKeys | undefined
  readonly #options: PostgresOriginOptions
  readonly #pool: PostgresPool
  readonly #namesTenant: boolean

  /** Throws `CONFIG_INVALID` when the statement cannot take keys. */
  constructor(options: PostgresOriginOptions, parts: PostgresPoolParts) {
    const { name, load, store } = options
    if (!/\$1(?!\d)/.test(load)) {
      throw new RingsideError('CONFIG_INVALID', `origins.${name}.load never uses its keys; add: where id = any($1)`)
    }
    this.#options = options
    this.#namesTenant = /\$2(?!\d)/.test(load)
    this.#pool = new PostgresPool({ ...options, hasTransactions: store !== undefined }, parts)
    const stores =
      store === undefined ? undefined : new PostgresStores({ name, store, delete: options.delete }, this.#pool)
    const keys = options.warm === undefined ? undefined : new PostgresKeys({ name, warm: options.warm }, this.#pool)
    this.list = keys && ((scope, page, context) => keys.run(scope, page, context))
    this.store = stores && ((scope, changes, context) => stores.run(scope, changes, context))
  }

  async start(): Promise<void> {
    this.#pool.start()
  }

  /** Queries under way are finished first. */
  close(): Promise<void> {
    return this.#pool.close()
  }

  async load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    const { name, load: text, encoding = 'json' } = this.#options
    const values = this.#namesTenant ? [keys, scope.tenant] : [keys]
    const query = { name: 'ringside_load', text, values, rowMode: 'array', types: AS_SENT } as const
    const client = await this.#pool.lend(context)
    try {
      return readRows(name, encoding, await this.#pool.run(client, context, () => client.query(query), isDataError))
    } catch (error) {
      if (error instanceof RingsideError) throw error
      if (isConnectionLost(error)) throw connectionLost(name, 'broke off before it had answered', error)
      throw postgresFailure(name, error)
    }
  }
}
