import { ProtoReader } from './proto-reader.ts'

/** What a `google.rpc.Status` (googleapis, google/rpc/status.proto) tells beyond its code and message. */
export interface StatusDetails {
  /** The `reason` of an `ErrorInfo` of domain `ringside`. */
  readonly reason: string | undefined
  /** The `metadata` of that `ErrorInfo`, such as `{ field: 'key' }`. */
  readonly metadata: Readonly<Record<string, string>>
  /** The delay of a `RetryInfo`, in milliseconds. */
  readonly retryAfterMs: number | undefined
}

const TYPES = 'type.googleapis.com/google.rpc.'

const NOTHING: StatusDetails = { reason: undefined, metadata: {}, retryAfterMs: undefined }

/** Reads what it knows of `bytes`; nothing where they are no `google.rpc.Status`. */
export function readStatusDetails(bytes: Buffer): StatusDetails {
  try {
    return readStatus(new ProtoReader(bytes))
  } catch (error) {
    if (error instanceof RangeError) return NOTHING
    throw error
  }
}

function readStatus(reader: ProtoReader): StatusDetails {
  let found = NOTHING
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x1a) found = { ...found, ...readDetail(reader.message()) }
    else reader.skip(key)
  }
  return found
}

/** A `google.protobuf.Any`. */
function readDetail(reader: ProtoReader): Partial<StatusDetails> {
  let type = ''
  let value: ProtoReader | undefined
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) type = reader.string()
    else if (key === 0x12) value = reader.message()
    else reader.skip(key)
  }
  if (value === undefined) return {}
  if (type === `${TYPES}ErrorInfo`) return readErrorInfo(value)
  if (type === `${TYPES}RetryInfo`) return readRetryInfo(value)
  return {}
}

function readErrorInfo(reader: ProtoReader): Partial<StatusDetails> {
  let reason = ''
  let domain = ''
  const metadata: Record<string, string> = {}
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) reason = reader.string()
    else if (key === 0x12) domain = reader.string()
    else if (key === 0x1a) readMember(reader.message(), metadata)
    else reader.skip(key)
  }
  return domain === 'ringside' ? { reason, metadata } : {}
}

/** One member of a `map<string, string>`. */
function readMember(reader: ProtoReader, into: Record<string, string>): void {
  let name = ''
  let value = ''
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) name = reader.string()
    else if (key === 0x12) value = reader.string()
    else reader.skip(key)
  }
  into[name] = value
}

function readRetryInfo(reader: ProtoReader): Partial<StatusDetails> {
  let retryAfterMs = 0
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) retryAfterMs = readDurationMs(reader.message())
    else reader.skip(key)
  }
  return { retryAfterMs }
}

/** Rounded up: never too early. */
function readDurationMs(reader: ProtoReader): number {
  let seconds = 0
  let nanos = 0
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) seconds = reader.int()
    else if (key === 0x10) nanos = reader.int()
    else reader.skip(key)
  }
  return Math.max(0, seconds * 1000 + Math.ceil(nanos / 1_000_000))
}
