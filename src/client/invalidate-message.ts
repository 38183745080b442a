import { ProtoReader } from './proto-reader.ts'
import { numberSize, ProtoWriter, partSize, stringSize } from './proto-writer.ts'

/** One key to invalidate. */
export interface InvalidateTarget {
  readonly keyspace: string
  readonly key: string
  readonly tenant?: string | undefined
}

/** What became of one target. */
export interface InvalidateAnswer {
  /** Answers of this version or a larger one are newer than the invalidation. */
  readonly version: number
  /** Kept for later because the shard could not be reached: the freshness bound starts when it is replayed. */
  readonly deferred: boolean
}

export function encodeInvalidateRequest(targets: readonly InvalidateTarget[], holdMs: number | undefined): Buffer {
  const sizes = targets.map(targetSize)
  const writer = new ProtoWriter(sizes.reduce((sum, size) => sum + partSize(size), numberSize(holdMs)))
  for (const [index, { keyspace, key, tenant }] of targets.entries()) {
    writer.part(1, sizes[index] as number)
    writer.string(1, keyspace)
    // A member of a oneof: it says which one is meant, also when it is empty.
    if (key === '') writer.part(2, 0)
    else writer.string(2, key)
    writer.string(4, tenant ?? '')
  }
  writer.number(2, holdMs)
  return writer.bytes
}

function targetSize({ keyspace, key, tenant }: InvalidateTarget): number {
  return stringSize(keyspace) + (key === '' ? 2 : stringSize(key)) + stringSize(tenant ?? '')
}

/** One answer for each target, in their order. Throws `RangeError` when the bytes are no `InvalidateResponse`. */
export function decodeInvalidateResponse(bytes: Buffer): InvalidateAnswer[] {
  const answers: InvalidateAnswer[] = []
  const reader = new ProtoReader(bytes)
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) answers.push(readResult(reader.message()))
    else reader.skip(key)
  }
  return answers
}

function readResult(reader: ProtoReader): InvalidateAnswer {
  let version = 0
  let deferred = false
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) version = reader.uint()
    else if (key === 0x10) deferred = reader.bool()
    else reader.skip(key)
  }
  return { version, deferred }
}
