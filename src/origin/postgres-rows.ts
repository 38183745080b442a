import pg from 'pg'
import type { RingsideError } from '../base/errors.ts'
import type { LoadedValues } from './origin.ts'
import { originUnavailable } from './origin-error.ts'
import { type RowEncoding, valueReader } from './postgres-values.ts'
import { type TaggedValue, withTags } from './tagged-value.ts'

/** Of text[], for which `builtins` has no name. */
const TEXT_ARRAY = 1_009
const decodeTextArray: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY as number, 'text')

/**
 * Takes rows as PostgreSQL sent them, in text: so that, unless they are to be MessagePack, `json` and `jsonb` stay the text they
 * were, and every other type but `bytea` is served as its text in UTF-8. NULL, as key or value, is a row that is not there. Rows of one key have no
 * order among them, so a key that comes twice is an error instead of a value by chance. A column `tags`, of type text[],
 * names the tags of the value.
 */
export function readRows(origin: string, encoding: RowEncoding, result: pg.QueryArrayResult): LoadedValues {
  const keyAt = column(origin, result, 'key')
  const valueAt = column(origin, result, 'value')
  const decode = valueReader(encoding, result.fields[valueAt]?.dataTypeID)
  const tagsAt = tagsColumn(origin, result)
  const values = new Map<string, Buffer | TaggedValue | RingsideError>()
  for (const row of result.rows as (string | null)[][]) {
    const key = row[keyAt]
    const value = row[valueAt]
    if (key == null || value == null) continue
    if (values.has(key)) values.set(key, originUnavailable(origin, 'yields more than one row for a key'))
    else values.set(key, withTags(origin, decode(value), tagsIn(row[tagsAt])))
  }
  return values
}

/** Where the tags of a row are; -1 = the statement yields none. */
function tagsColumn(origin: string, { fields }: pg.QueryArrayResult): number {
  const at = fields.findIndex((field) => field.name === 'tags')
  if (at < 0 || fields[at]?.dataTypeID === TEXT_ARRAY) return at
  throw originUnavailable(origin, 'yields a column "tags" that is no text[]; cast it: (…)::text[] as tags')
}

/** NULL, as the whole or as one of them, is no tag. */
function tagsIn(text: string | null | undefined): readonly string[] {
  return text == null ? [] : decodeTextArray(text).filter((tag) => tag !== null)
}

function column(origin: string, result: pg.QueryArrayResult, name: string): number {
  const index = result.fields.findIndex((field) => field.name === name)
  if (index >= 0) return index
  throw originUnavailable(origin, `yields no column "${name}"; its load statement must name one so: … as ${name}`)
}
