import type { RingsideError } from '../base/errors.ts'
import { tagsFlaw } from '../keyspace/tag-check.ts'
import { originUnavailable } from './origin-error.ts'

/** A value that names tags. */
export class TaggedValue {
  readonly value: Buffer
  readonly tags: readonly string[]

  constructor(value: Buffer, tags: readonly string[]) {
    this.value = value
    this.tags = tags
  }
}

/**
 * What an origin yields for a key, with the tags that it names. A tag that is none makes it an error: left out, it would be
 * missed by the invalidation that is to come.
 */
export function withTags(origin: string, value: Buffer, tags: readonly string[]): Buffer | TaggedValue | RingsideError {
  if (tags.length === 0) return value
  const flaw = tagsFlaw(tags)
  return flaw === undefined ? new TaggedValue(value, tags) : originUnavailable(origin, `yields a value that ${flaw}`)
}
