import { encodePacked, type Packed } from '../packing/packed.ts'
import type { Content } from '../shard.ts'
import type { StoredContent } from '../stored-content.ts'
import { encodeTagRefs } from '../tag-refs.ts'
import type { Argument } from './redis-pipeline.ts'

/** Kinds as `record.lua` has them. */
export const KIND_CODE = { value: 1, negative: 2 } as const
const NOTHING = Buffer.alloc(0)

/** What a script is told of what it is to store: kind, ttl, soft ttl, stale keep, loaded ago, cost, payload, tags, how the payload is compressed. */
export function contentArguments(content: StoredContent): readonly Argument[] {
  return [
    KIND_CODE[content.kind],
    Math.ceil(content.ttlMs),
    content.softTtlMs === undefined ? 0 : Math.max(1, Math.ceil(content.softTtlMs)),
    Math.ceil(content.staleKeepMs),
    Math.ceil(content.loadedAgoMs),
    Math.ceil(content.loadCostMs),
    content.value,
    tagArgument(content),
    packedArgument(content),
  ]
}

export function tagArgument({ tags }: Pick<Content, 'tags'>): Buffer {
  return tags === undefined ? NOTHING : encodeTagRefs(tags)
}

/** Empty where it is not compressed. */
export function packedArgument(about: { readonly packed?: Packed | undefined } | undefined): Buffer {
  return about?.packed === undefined ? NOTHING : encodePacked(about.packed)
}
