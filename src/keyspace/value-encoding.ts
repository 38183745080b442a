import { jsonFields } from './json-fields.ts'
import { msgpackFields } from './msgpack-fields.ts'

/** What the values of a keyspace are written in, as far as anybody asks for parts of them. */
export const VALUE_ENCODINGS = ['json', 'msgpack'] as const
export type ValueEncoding = (typeof VALUE_ENCODINGS)[number]

/**
 * Of an object those members that are named, in the same encoding, byte for byte as they were, in their order; those that it
 * does not have are left out. `undefined` for a value that is no object.
 */
export function pickFields(encoding: ValueEncoding, value: Buffer, names: ReadonlySet<string>): Buffer | undefined {
  return encoding === 'json' ? jsonFields(value, names) : msgpackFields(value, names)
}
