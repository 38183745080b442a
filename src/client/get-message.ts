import { ProtoReader } from './proto-reader.ts'
import { numberSize, ProtoWriter, partSize, stringSize } from './proto-writer.ts'

/** One key to read. */
export interface GetRequest {
  readonly keyspace: string
  readonly key: string
  /** Whose key it is; none where the keyspace has no tenants. */
  readonly tenant?: string | undefined
  /** Milliseconds: the oldest answer that will do. It can only tighten the keyspace's own bound; 0 sees every acknowledged write. */
  readonly maxStalenessMs?: number | undefined
  /** The answer is to have at least this version, as seen in an earlier answer: read-your-writes. */
  readonly minVersion?: number | undefined
  /** Of an object only the members of these names, in the same encoding; none = the whole value. */
  readonly fields?: readonly string[] | undefined
}

/** The right to fill one missing key, by a `set` that names the token. */
export interface Lease {
  readonly token: string
  /** Milliseconds for which the right stands. */
  readonly ttlMs: number
}

const OUTCOMES = [undefined, 'found', 'not-found', 'miss'] as const
const SOURCES = ['unknown', 'near', 'copy', 'replica', 'primary', 'origin'] as const

/** What a read found: a value; that there is none, by the origin's word; or nothing cached, for the caller to load. */
export type Outcome = 'found' | 'not-found' | 'miss'
/** Where an answer came from; `unknown` is one that this version of the client has no name for. */
export type Source = (typeof SOURCES)[number]

/** The answer to one read. Nothing is ever silently stale: `asOfUnixMs` and `degraded` tell. */
export interface GetAnswer {
  readonly outcome: Outcome
  /**
   * Empty unless found. It shares memory with the message it came in, which for a batch holds the other values too: what
   * is kept for long is better copied.
   */
  readonly value: Buffer
  readonly source: Source
  /** Grows with every change of the key; 0 for a miss and for an answer that was never stored. */
  readonly version: number
  /** Unix milliseconds by the sidecar's clock: the latest instant at which the answer is known to have been current. */
  readonly asOfUnixMs: number
  /** Milliseconds since the value was loaded from its origin or set; 0 for a miss. */
  readonly ageMs: number
  /** Outside the freshness guarantee: older than the bound, or of unknown age. */
  readonly degraded: boolean
  /** Only with a miss, and only if no other caller holds it; without one: load, and do not set. */
  readonly lease: Lease | undefined
}

export function encodeGetRequest(request: GetRequest): Buffer {
  const writer = new ProtoWriter(getRequestSize(request))
  writeGetRequest(writer, request)
  return writer.bytes
}

export function getRequestSize(request: GetRequest): number {
  return (
    stringSize(request.keyspace) +
    stringSize(request.key) +
    stringSize(request.tenant ?? '') +
    numberSize(request.maxStalenessMs) +
    numberSize(request.minVersion) +
    fieldsSize(request.fields)
  )
}

export function writeGetRequest(writer: ProtoWriter, request: GetRequest): void {
  writer.string(1, request.keyspace)
  writer.string(2, request.key)
  writer.string(3, request.tenant ?? '')
  writer.number(4, request.maxStalenessMs)
  writer.number(5, request.minVersion)
  if (request.fields !== undefined) writeFields(writer, request.fields)
}

/** Unlike a field that occurs once, an empty name is written. */
function writeFields(writer: ProtoWriter, fields: readonly string[]): void {
  for (const field of fields) {
    if (field === '') writer.part(6, 0)
    else writer.string(6, field)
  }
}

function fieldsSize(fields: readonly string[] | undefined): number {
  if (fields === undefined) return 0
  return fields.reduce((sum, field) => sum + (field === '' ? EMPTY_PART : stringSize(field)), 0)
}

export function encodeBatchGetRequest(requests: readonly GetRequest[]): Buffer {
  const sizes = requests.map(getRequestSize)
  const writer = new ProtoWriter(sizes.reduce((sum, size) => sum + partSize(size), 0))
  for (const [index, request] of requests.entries()) {
    writer.part(1, sizes[index] as number)
    writeGetRequest(writer, request)
  }
  return writer.bytes
}

const EMPTY_PART = partSize(0)
const NO_VALUE = Buffer.alloc(0)

/** Throws `RangeError` when the bytes are no `GetResponse`, or one whose outcome this client does not know. */
export function decodeGetResponse(bytes: Buffer): GetAnswer {
  return readGetResponse(new ProtoReader(bytes))
}

/** The answer while its fields are read. */
interface Draft {
  outcome: number
  value: Buffer
  source: number
  version: number
  asOfUnixMs: number
  ageMs: number
  degraded: boolean
  lease: Lease | undefined
}

export function readGetResponse(reader: ProtoReader): GetAnswer {
  const draft: Draft = {
    outcome: 0,
    value: NO_VALUE,
    source: 0,
    version: 0,
    asOfUnixMs: 0,
    ageMs: 0,
    degraded: false,
    lease: undefined,
  }
  for (let key = reader.next(); key !== 0; key = reader.next()) readField(reader, key, draft)
  const { outcome, value, source, version, asOfUnixMs, ageMs, degraded, lease } = draft
  const named = OUTCOMES[outcome]
  if (named === undefined) throw new RangeError(`an answer of outcome ${outcome}`)
  return { outcome: named, value, source: SOURCES[source] ?? 'unknown', version, asOfUnixMs, ageMs, degraded, lease }
}

function readField(reader: ProtoReader, key: number, draft: Draft): void {
  switch (key) {
    case 0x08:
      draft.outcome = reader.int()
      break
    case 0x12:
      draft.value = reader.view()
      break
    case 0x18:
      draft.source = reader.int()
      break
    case 0x20:
      draft.version = reader.uint()
      break
    case 0x28:
      draft.asOfUnixMs = reader.int()
      break
    case 0x30:
      draft.ageMs = reader.uint()
      break
    case 0x38:
      draft.degraded = reader.bool()
      break
    case 0x42:
      draft.lease = readLease(reader.message())
      break
    default:
      reader.skip(key)
  }
}

function readLease(reader: ProtoReader): Lease {
  let token = ''
  let ttlMs = 0
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) token = reader.string()
    else if (key === 0x10) ttlMs = reader.uint()
    else reader.skip(key)
  }
  return { token, ttlMs }
}
