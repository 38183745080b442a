import type pg from 'pg'
import type { RingsideError } from '../base/errors.ts'
import type { LoadedValues } from './origin.ts'
import { originUnavailable } from './origin-error.ts'
import { type RowEncoding, valueReader } from './postgres-values.ts'

/**
 * Takes rows as PostgreSQL sent them, in text: so that, unless they are to be MessagePack, `json` and `jsonb` stay the text they
 * were, and every other type but `bytea` is served as its text in UTF-8. NULL, as key or value, is a row that is not there. Rows of one key have no
 * order among them, so a key that comes twice is an error instead of a value by chance.
 */
export function readRows(origin: string, encoding: RowEncoding, result: pg.QueryArrayResult): LoadedValues {
  const keyAt = column(origin, result, 'key')
  const valueAt = column(origin, result, 'value')
  const decode = valueReader(encoding, result.fields[valueAt]?.dataTypeID)
  const values = new Map<string, Buffer | RingsideError>()
  for (const row of result.rows as (string | null)[][]) {
    const key = row[keyAt]
    const value = row[valueAt]
    if (key == null || value == null) continue
    if (values.has(key)) values.set(key, originUnavailable(origin, 'yields more than one row for a key'))
    else values.set(key, decode(value))
  }
  return values
}

function column(origin: string, result: pg.QueryArrayResult, name: string): number {
  const index = result.fields.findIndex((field) => field.name === name)
  if (index >= 0) return index
  throw originUnavailable(origin, `yields no column "${name}"; its load statement must name one so: … as ${name}`)
}
