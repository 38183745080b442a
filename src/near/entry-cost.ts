import { payloadBytes, plannedBytes } from './block-plan.ts'
import type { NearEntry } from './near-cache.ts'
import { keyBytesOf } from './records.ts'

/**
 * What an entry adds to the tables: a bucket of the index is a word, and the ghost knows twice as many keys as there are
 * entries, at some three bytes each.
 */
const TABLE_BYTES = 10
/** What an entry takes that isn't cut by the size of the largest block: such are the entries of any cache of 16 MiB. */
const LARGEST_ORDER = 15

/** What an entry with such a key and value counts against the bound, in bytes, while fitting blocks are free. */
export function entryBytes(key: string, entry: Pick<NearEntry, 'value'>): number {
  return TABLE_BYTES + plannedBytes(payloadBytes(keyBytesOf(key), entry.value.length), LARGEST_ORDER)
}
