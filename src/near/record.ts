import { GRANULE_BYTES } from './arena.ts'

/*
 * The record of an entry: the first 96 bytes of the head of its chain, where word 0 is the block's header. Key and value
 * follow, and go on in the further blocks.
 */
export const RECORD_BYTES = 96
export const WORDS = GRANULE_BYTES / 4
export const DOUBLES = GRANULE_BYTES / 8

/** Words of a record. */
export const HASH = 1
/** The next record in the same bucket of the index. */
export const CHAINED = 2
/** For the policy: neighbours in its queue, or the place in its heap. */
export const NEWER = 3
export const OLDER = 4
export const VALUE_BYTES = 5
export const KEY_BYTES = 6
export const MARKS = 7
/** The proof's number in the low half, the group's plus one in the high half; 0 is none. */
export const BONDS = 18
/** What the chain takes, in granules. */
export const FOOTPRINT = 19
export const NEGATIVE_NEWER = 20
export const NEGATIVE_OLDER = 21
export const GROUP_NEWER = 22
export const GROUP_OLDER = 23

/** Doubles of a record: words 8 to 17. */
export const VERSION = 4
export const AS_OF = 5
export const LOADED_AT = 6
export const FRESH_UNTIL = 7
export const EXPIRES_AT = 8

/** Bits of the marks. */
export const NEGATIVE = 1
/** For the policy: which of two queues the record is in. */
export const IN_MAIN = 2
/** Read since its group last considered it. */
export const READ = 4
/** The key is kept with two bytes a character, as it has some beyond Latin-1. */
export const WIDE = 8
/** See `NearEntry.tagged`. */
export const TAGGED = 16
/** For the policy: reads since it last judged the record, in the bits above the others. */
export const HITS_SHIFT = 8
export const HITS_LIMIT = 2 ** 24 - 1
