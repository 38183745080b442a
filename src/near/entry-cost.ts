import type { NearEntry } from './near-cache.ts'

/*
 * What one entry costs beyond the bytes of its key and value, measured on Node 20 (x64, 50,000 to 250,000 entries of 0,
 * 100 and 2,048 bytes, after full collections):
 * - Heap without the Buffer, 275 to 315: the slot 88, the entry and its five boxed numbers 160, the key's header and
 *   padding 20, its place in a `Map` 28 to 56 depending on how full that is. A key that was concatenated keeps 32 more
 *   until a collection flattens it, and a ghost adds 16 to 32 off heap.
 * - The Buffer: 192 of heap for the view and its ArrayBuffer, and 180 to 200 that only the resident set shows, for the
 *   backing store and what malloc rounds up.
 */
const ENTRY_BYTES = 360
const BUFFER_BYTES = 390
const NEGATIVE_MARK_BYTES = 48

/** What an entry with such a key and value counts against the bound, in bytes. */
export function entryBytes(key: string, entry: Pick<NearEntry, 'kind' | 'value'>): number {
  const value = entry.value.length
  const mark = entry.kind === 'negative' ? NEGATIVE_MARK_BYTES : 0
  return ENTRY_BYTES + mark + keyBytes(key) + (value === 0 ? 0 : BUFFER_BYTES + value)
}

/** V8 keeps a string with one byte a character, or with two when any is beyond Latin-1. */
function keyBytes(key: string): number {
  for (let at = 0; at < key.length; at += 1) if (key.charCodeAt(at) > 0xff) return 2 * key.length
  return key.length
}
