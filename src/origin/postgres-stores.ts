import { isUtf8 } from 'node:buffer'
import type pg from 'pg'
import type { LoadContext, LoadScope, OriginChange } from './origin.ts'
import { changesRefused, withOutcome } from './origin-error.ts'
import { isDataError, isRolledBack, postgresStoreFailure } from './postgres-error.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { parametersOf, type SqlParameters } from './sql-parameters.ts'

export interface PostgresStoresOptions {
  /** Of the origin. */
  readonly name: string
  /** `$1` keys, `$2` values, `$3` tenant, `$4` versions, all arrays but the tenant. */
  readonly store: string
  /** `$1` keys, `$2` tenant, `$3` versions; `undefined` = nothing can be deleted. */
  readonly delete: string | undefined
}

type Stored = Extract<OriginChange, { value: Buffer }>
type Deleted = Extract<OriginChange, { deleted: true }>

/**
 * Changes rows, with one statement for what is stored and one for what is deleted. One alone is a transaction by itself,
 * both together are put into one. A connection on which one failed is only used again where the server is sure to be
 * outside any transaction.
 */
export class PostgresStores {
  readonly #options: PostgresStoresOptions
  readonly #pool: PostgresPool
  readonly #store: SqlParameters
  readonly #delete: SqlParameters | undefined
  /** The statement says that values are bytes; else they are text. */
  readonly #takesBytes: boolean

  constructor(options: PostgresStoresOptions, pool: PostgresPool) {
    this.#options = options
    this.#pool = pool
    this.#store = parametersOf(options.store)
    this.#delete = options.delete === undefined ? undefined : parametersOf(options.delete)
    this.#takesBytes = /\$2\s*::\s*bytea\s*\[|cast\s*\(\s*\$2\s+as\s+bytea\s*\[/i.test(options.store)
  }

  async run({ tenant }: LoadScope, changes: readonly OriginChange[], context: LoadContext): Promise<void> {
    const { name } = this.#options
    const stored = changes.filter((change): change is Stored => 'value' in change)
    const deleted = changes.filter((change): change is Deleted => 'deleted' in change)
    const statements = [
      ...(stored.length === 0 ? [] : [this.#storing(tenant, stored)]),
      ...(deleted.length === 0 ? [] : [this.#deleting(tenant, deleted)]),
    ]
    const client = await this.#pool.lend(context).catch((error) => {
      throw withOutcome(error, 'unchanged')
    })
    const isOne = statements.length === 1
    const work = () => (isOne ? inTurn(client, statements) : inTransaction(client, statements))
    try {
      await this.#pool.run(client, context, work, (error) => isOne && isDataError(error))
    } catch (error) {
      throw postgresStoreFailure(name, error, isRolledBack(error))
    }
  }

  #storing(tenant: string, changes: readonly Stored[]): pg.QueryConfig {
    const values = changes.map(({ value }) => (this.#takesBytes ? value : this.#textOf(value)))
    const all = [changes.map(({ key }) => key), values, tenant, changes.map(({ version }) => version)]
    return queryOf('ringside_store', this.#options.store, this.#store, all)
  }

  #deleting(tenant: string, changes: readonly Deleted[]): pg.QueryConfig {
    if (this.#delete === undefined || this.#options.delete === undefined) {
      throw changesRefused(this.#options.name, 'has no `delete` statement, so nothing can be deleted there')
    }
    const all = [changes.map(({ key }) => key), tenant, changes.map(({ version }) => version)]
    return queryOf('ringside_delete', this.#options.delete, this.#delete, all)
  }

  #textOf(value: Buffer): string {
    if (isUtf8(value)) return value.toString()
    const mend = 'a `store` statement with $2::bytea[] takes any'
    throw changesRefused(this.#options.name, `takes values that are text in UTF-8; ${mend}`)
  }
}

function queryOf(name: string, text: string, { count, types }: SqlParameters, all: unknown[]): pg.QueryConfig {
  return { name, text, values: all.slice(0, count), types: types as unknown as pg.CustomTypesConfig }
}

async function inTransaction(client: pg.PoolClient, statements: readonly pg.QueryConfig[]): Promise<void> {
  await client.query('begin')
  await inTurn(client, statements)
  await client.query('commit')
}

async function inTurn(client: pg.PoolClient, statements: readonly pg.QueryConfig[]): Promise<void> {
  for (const statement of statements) await client.query(statement)
}
