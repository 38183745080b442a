import pg from 'pg'
import { parseJson } from './json-text.ts'
import { type Packable, packed } from './msgpack-writer.ts'

const { BOOL, BYTEA, FLOAT4, FLOAT8, INT2, INT4, INT8, JSON: JSON_TYPE, JSONB } = pg.types.builtins
const decodeBytea = pg.types.getTypeParser(BYTEA, 'text') as (text: string) => Buffer

/** How values are served: as the text they are, or as MessagePack. `bytea` is served as its bytes in either case. */
export type RowEncoding = 'json' | 'msgpack'

/** What makes a value of what PostgreSQL sent, in text, for a column of that type. May throw where it is no such text. */
export function valueReader(encoding: RowEncoding, type: number | undefined): (text: string) => Buffer {
  if (type === BYTEA) return decodeBytea
  if (encoding === 'json') return Buffer.from
  const read = PACKABLE[type ?? 0] ?? ((text: string) => text)
  return (text) => packed(read(text))
}

/** Types that MessagePack has, too; a `numeric`, which may have more digits than a double, stays text, as all others do. */
const PACKABLE: Readonly<Record<number, (text: string) => Packable>> = {
  [JSON_TYPE]: parseJson,
  [JSONB]: parseJson,
  [BOOL]: (text) => text === 't',
  [INT2]: Number,
  [INT4]: Number,
  [INT8]: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)),
  [FLOAT4]: Number,
  [FLOAT8]: Number,
}
