import { readChangeAnswer } from './change-answer.ts'
import { ProtoReader } from './proto-reader.ts'
import { memberSize, numberSize, ProtoWriter, partSize, stringSize } from './proto-writer.ts'

/** One key to invalidate, or all that carry one tag. */
export type InvalidateTarget = { readonly keyspace: string; readonly tenant?: string | undefined } & (
  | { readonly key: string; readonly tag?: undefined }
  | { readonly tag: string }
)

/** What became of one target. */
export interface InvalidateAnswer {
  /** Answers of this version or a larger one are newer than the invalidation of a key. */
  readonly version: number
  /** Kept for later because the shard could not be reached: the freshness bound starts when it is replayed. */
  readonly deferred: boolean
}

export function encodeInvalidateRequest(targets: readonly InvalidateTarget[], holdMs: number | undefined): Buffer {
  const sizes = targets.map(targetSize)
  const writer = new ProtoWriter(sizes.reduce((sum, size) => sum + partSize(size), numberSize(holdMs)))
  for (const [index, target] of targets.entries()) {
    writer.part(1, sizes[index] as number)
    writer.string(1, target.keyspace)
    if (target.tag === undefined) writer.member(2, target.key)
    else writer.member(3, target.tag)
    writer.string(4, target.tenant ?? '')
  }
  writer.number(2, holdMs)
  return writer.bytes
}

function targetSize(target: InvalidateTarget): number {
  const name = target.tag === undefined ? target.key : target.tag
  return stringSize(target.keyspace) + memberSize(name) + stringSize(target.tenant ?? '')
}

/** One answer for each target, in their order. Throws `RangeError` when the bytes are no `InvalidateResponse`. */
export function decodeInvalidateResponse(bytes: Buffer): InvalidateAnswer[] {
  const answers: InvalidateAnswer[] = []
  const reader = new ProtoReader(bytes)
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) answers.push(readChangeAnswer(reader.message()))
    else reader.skip(key)
  }
  return answers
}
