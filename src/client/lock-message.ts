import { ProtoReader } from './proto-reader.ts'
import { numberSize, ProtoWriter, stringSize } from './proto-writer.ts'

export interface LockName {
  readonly name: string
  readonly tenant?: string | undefined
}

export interface AcquireRequest extends LockName {
  readonly ttlMs: number
  readonly waitMs?: number | undefined
  readonly requestId?: string | undefined
}

export interface AcquireAnswer {
  readonly acquired: boolean
  readonly token: string
  readonly fencingToken: number
  readonly ttlMs: number
}

export interface RenewRequest extends LockName {
  readonly token: string
  readonly ttlMs: number
}

export interface RenewAnswer {
  readonly fencingToken: number
  /** Milliseconds for which it is held, as of when the sidecar answered. */
  readonly ttlMs: number
}

export interface ReleaseRequest extends LockName {
  readonly token: string
}

export function encodeAcquireRequest({ name, tenant = '', ttlMs, waitMs, requestId = '' }: AcquireRequest): Buffer {
  const texts = stringSize(name) + stringSize(tenant) + stringSize(requestId)
  const writer = new ProtoWriter(texts + numberSize(ttlMs) + numberSize(waitMs))
  writer.string(1, name)
  writer.string(2, tenant)
  writer.number(3, ttlMs)
  writer.number(4, waitMs)
  writer.string(5, requestId)
  return writer.bytes
}

/** Throws `RangeError` when the bytes are no `AcquireResponse`; so do the others of theirs. */
export function decodeAcquireResponse(bytes: Buffer): AcquireAnswer {
  const reader = new ProtoReader(bytes)
  let [acquired, token, fencingToken, ttlMs] = [false, '', 0, 0]
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) acquired = reader.bool()
    else if (key === 0x12) token = reader.string()
    else if (key === 0x18) fencingToken = reader.uint()
    else if (key === 0x20) ttlMs = reader.uint()
    else reader.skip(key)
  }
  return { acquired, token, fencingToken, ttlMs }
}

export function encodeRenewRequest({ name, tenant = '', token, ttlMs }: RenewRequest): Buffer {
  const writer = new ProtoWriter(stringSize(name) + stringSize(tenant) + stringSize(token) + numberSize(ttlMs))
  writer.string(1, name)
  writer.string(2, tenant)
  writer.string(3, token)
  writer.number(4, ttlMs)
  return writer.bytes
}

export function decodeRenewResponse(bytes: Buffer): RenewAnswer {
  const reader = new ProtoReader(bytes)
  let [fencingToken, ttlMs] = [0, 0]
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) fencingToken = reader.uint()
    else if (key === 0x10) ttlMs = reader.uint()
    else reader.skip(key)
  }
  return { fencingToken, ttlMs }
}

export function encodeReleaseRequest({ name, tenant = '', token }: ReleaseRequest): Buffer {
  const writer = new ProtoWriter(stringSize(name) + stringSize(tenant) + stringSize(token))
  writer.string(1, name)
  writer.string(2, tenant)
  writer.string(3, token)
  return writer.bytes
}

/** Whether it was still held. */
export function decodeReleaseResponse(bytes: Buffer): boolean {
  const reader = new ProtoReader(bytes)
  let released = false
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) released = reader.bool()
    else reader.skip(key)
  }
  return released
}
