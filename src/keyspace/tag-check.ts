import { RingsideError } from '../base/errors.ts'
import { quoted } from '../base/quoted.ts'
import { textFlaw } from './key-check.ts'

/** A tag of a keyspace, by what callers name. */
export interface TagOf {
  readonly keyspace: string
  /** Empty = none. */
  readonly tenant: string
  readonly tag: string
}

/** Most tags of one value. */
export const MOST_TAGS = 16

/** Most bytes of a tag in UTF-8. */
const TAG_LIMIT_BYTES = 128

/** What is wrong with the tags of one value, as the end of a sentence that begins with them; `undefined` if nothing is. */
export function tagsFlaw(tags: readonly string[]): string | undefined {
  if (tags.length > MOST_TAGS) return `has ${tags.length} tags; a value has at most ${MOST_TAGS}`
  for (const tag of tags) {
    const flaw = textFlaw(tag, 'tag', TAG_LIMIT_BYTES)
    if (flaw !== undefined) return `holds ${quoted(tag)}, which ${flaw}`
  }
  return undefined
}

/** Throws `ARGUMENT_INVALID`. */
export function checkTag(keyspace: string, tag: string): void {
  const flaw = textFlaw(tag, 'tag', TAG_LIMIT_BYTES)
  if (flaw === undefined) return
  throw new RingsideError('ARGUMENT_INVALID', `keyspace ${keyspace}: tag ${quoted(tag)} ${flaw}`, {
    metadata: { keyspace, field: 'tag' },
  })
}
