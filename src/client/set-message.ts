import { ProtoReader } from './proto-reader.ts'
import { memberSize, numberSize, ProtoWriter, partSize, stringSize } from './proto-writer.ts'

/** One value to store. */
export interface SetRequest {
  readonly keyspace: string
  readonly key: string
  readonly tenant?: string | undefined
  /** Opaque bytes; may be empty. */
  readonly value: Uint8Array
  /** Milliseconds; the keyspace's ttl if absent. */
  readonly ttlMs?: number | undefined
  /** The lease that came with a miss: the value is stored only if it still stands. */
  readonly leaseToken?: string | undefined
  /** Store only if this is the live version; 0 = only if there is no live value. */
  readonly ifVersion?: number | undefined
  /** Up to 16 names under which the value can be invalidated together with others. */
  readonly tags?: readonly string[] | undefined
}

/** What became of a `set`. */
export interface SetAnswer {
  /** False only while a hold or a write to the origin stands in the way; a failed condition is an error. */
  readonly stored: boolean
  readonly version: number
}

export function encodeSetRequest(request: SetRequest): Buffer {
  const { keyspace, key, tenant = '', value, ttlMs, leaseToken = '', ifVersion, tags = [] } = request
  const texts = stringSize(keyspace) + stringSize(key) + stringSize(tenant) + stringSize(leaseToken)
  const blob = value.length === 0 ? 0 : partSize(value.length)
  const labels = tags.reduce((sum, tag) => sum + memberSize(tag), 0)
  const writer = new ProtoWriter(texts + blob + numberSize(ttlMs) + numberSize(ifVersion) + labels)
  writer.string(1, keyspace)
  writer.string(2, key)
  writer.string(3, tenant)
  writer.blob(4, value)
  writer.number(5, ttlMs)
  writer.string(6, leaseToken)
  writer.number(7, ifVersion)
  for (const tag of tags) writer.member(8, tag)
  return writer.bytes
}

/** Throws `RangeError` when the bytes are no `SetResponse`. */
export function decodeSetResponse(bytes: Buffer): SetAnswer {
  const reader = new ProtoReader(bytes)
  let stored = false
  let version = 0
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) stored = reader.bool()
    else if (key === 0x10) version = reader.uint()
    else reader.skip(key)
  }
  return { stored, version }
}
