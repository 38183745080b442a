import { ProtoReader } from './proto-reader.ts'
import { int64Size, numberSize, ProtoWriter, stringSize } from './proto-writer.ts'

/** One addition to a counter. */
export interface IncrementRequest {
  readonly keyspace: string
  readonly key: string
  readonly tenant?: string | undefined
  /** What to add, in 64 bits; may be negative. */
  readonly delta: bigint
  /** What an absent counter starts from, before `delta` is added; 0 if absent. */
  readonly initial?: bigint | undefined
  /** Milliseconds, where the counter begins; the keyspace's ttl if absent. */
  readonly ttlMs?: number | undefined
  /** The same of a repeated call, which then counts once; none if absent. */
  readonly requestId?: string | undefined
}

export function encodeIncrementRequest(request: IncrementRequest): Buffer {
  const { keyspace, key, tenant = '', delta, initial = 0n, ttlMs, requestId = '' } = request
  const texts = stringSize(keyspace) + stringSize(key) + stringSize(tenant) + stringSize(requestId)
  const writer = new ProtoWriter(texts + int64Size(delta) + int64Size(initial) + numberSize(ttlMs))
  writer.string(1, keyspace)
  writer.string(2, key)
  writer.string(3, tenant)
  writer.int64(4, delta)
  writer.int64(5, initial)
  writer.number(6, ttlMs)
  writer.string(7, requestId)
  return writer.bytes
}

/** The sum. Throws `RangeError` when the bytes are no `IncrementResponse`. */
export function decodeIncrementResponse(bytes: Buffer): bigint {
  const reader = new ProtoReader(bytes)
  let value = 0n
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) value = reader.int64()
    else reader.skip(key)
  }
  return value
}
