import { readChangeAnswer } from './change-answer.ts'
import { ProtoReader } from './proto-reader.ts'
import { ProtoWriter, partSize, stringSize } from './proto-writer.ts'

/** One change for the origin. */
export interface WriteRequest {
  readonly keyspace: string
  readonly key: string
  readonly tenant?: string | undefined
  /** Opaque bytes; `null` = the value is to be deleted. */
  readonly value: Uint8Array | null
}

/** What became of a `write`. */
export interface WriteAnswer {
  /** Answers of this version or a larger one are newer than what was there before; 0 where it is deferred. */
  readonly version: number
  /** The shard, or with write-behind the origin, hears of it later. */
  readonly deferred: boolean
}

export function encodeWriteRequest({ keyspace, key, tenant = '', value }: WriteRequest): Buffer {
  const texts = stringSize(keyspace) + stringSize(key) + stringSize(tenant)
  const writer = new ProtoWriter(texts + (value === null ? 2 : partSize(value.length)))
  writer.string(1, keyspace)
  writer.string(2, key)
  writer.string(3, tenant)
  // Members of a oneof: they say which one is meant, also when they are empty.
  if (value === null) writer.number(5, 1)
  else if (value.length === 0) writer.part(4, 0)
  else writer.blob(4, value)
  return writer.bytes
}

/** Throws `RangeError` when the bytes are no `WriteResponse`. */
export function decodeWriteResponse(bytes: Buffer): WriteAnswer {
  return readChangeAnswer(new ProtoReader(bytes))
}
