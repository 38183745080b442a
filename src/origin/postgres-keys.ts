import type pg from 'pg'
import { RingsideError } from '../base/errors.ts'
import type { KeyPage, LoadContext, LoadScope } from './origin.ts'
import { connectionLost, originUnavailable } from './origin-error.ts'
import { isConnectionLost, isDataError, postgresFailure } from './postgres-error.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { parametersOf, type SqlParameters } from './sql-parameters.ts'

export interface PostgresKeysOptions {
  /** Of the origin. */
  readonly name: string
  /** SQL that yields the column `key`: `$1` the last key known or NULL, `$2` how many, `$3` the tenant. */
  readonly warm: string
}

/** The keys of a table, a page after the other, each found by the last key of the one before (keyset pagination). */
export class PostgresKeys {
  readonly #options: PostgresKeysOptions
  readonly #pool: PostgresPool
  readonly #parameters: SqlParameters

  constructor(options: PostgresKeysOptions, pool: PostgresPool) {
    this.#options = options
    this.#pool = pool
    this.#parameters = parametersOf(options.warm)
  }

  async run({ tenant }: LoadScope, { after, most }: KeyPage, context: LoadContext): Promise<readonly string[]> {
    const { name, warm: text } = this.#options
    const { count, types } = this.#parameters
    const values = [after ?? null, most, tenant].slice(0, count)
    const query = { name: 'ringside_warm', text, values, types: types as unknown as pg.CustomTypesConfig }
    const client = await this.#pool.lend(context)
    try {
      const result = await this.#pool.run(client, context, () => client.query<Row>(query), isDataError)
      if (!result.fields.some((field) => field.name === 'key')) {
        throw originUnavailable(name, 'yields no column "key"; its warm statement must name one so: … as key')
      }
      // NULL names no row.
      return result.rows.flatMap(({ key }) => (key === null ? [] : [key]))
    } catch (error) {
      if (error instanceof RingsideError) throw error
      if (isConnectionLost(error)) throw connectionLost(name, 'broke off before it had listed its keys', error)
      throw postgresFailure(name, error)
    }
  }
}

interface Row {
  readonly key: string | null
}
