import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Answer, GetRequest, InvalidateTagRequest, KeyRequest, SetRequest, WriteRequest } from '../cache/cache.ts'
import type { BatchGetError__Output } from '../gen/ringside/v1/BatchGetError.ts'
import type { GetRequest__Output } from '../gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../gen/ringside/v1/GetResponse.ts'
import type { InvalidateTarget__Output } from '../gen/ringside/v1/InvalidateTarget.ts'
import type { SetRequest__Output } from '../gen/ringside/v1/SetRequest.ts'
import type { WriteRequest__Output } from '../gen/ringside/v1/WriteRequest.ts'
import { tagsFlaw } from '../keyspace/tag-check.ts'
import { STATUS_OF } from './status.ts'

const OUTCOME = { found: 'OUTCOME_FOUND', 'not-found': 'OUTCOME_NOT_FOUND', miss: 'OUTCOME_MISS' } as const

const SOURCE = {
  near: 'SOURCE_NEAR',
  copy: 'SOURCE_COPY',
  replica: 'SOURCE_REPLICA',
  primary: 'SOURCE_PRIMARY',
  origin: 'SOURCE_ORIGIN',
} as const

/** Throws `NOT_IMPLEMENTED` for a field whose feature is not available yet: it is never ignored. */
export function getRequest(message: GetRequest__Output): GetRequest {
  const { keyspace, key, tenant, max_staleness_ms: maxStalenessMs, min_version: minVersion, fields } = message
  // Nearly all requests name none of them: they cost no spread.
  if (maxStalenessMs === undefined && minVersion === undefined && fields.length === 0) return { keyspace, key, tenant }
  if (minVersion !== undefined && minVersion > Number.MAX_SAFE_INTEGER) {
    throw fieldInvalid('ARGUMENT_INVALID', 'min_version', 'is not below 2^53; name a version from an answer')
  }
  return {
    keyspace,
    key,
    tenant,
    ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(fields.length === 0 ? {} : { fields: fieldsOf(fields) }),
  }
}

/** More would be the whole value in all but name. */
const MOST_FIELDS = 256

function fieldsOf(names: readonly string[]): ReadonlySet<string> {
  if (names.length <= MOST_FIELDS) return new Set(names)
  throw fieldInvalid('ARGUMENT_INVALID', 'fields', `names ${names.length}; at most ${MOST_FIELDS} are allowed`)
}

/** Monotonic moments become wall time and ages here, and nowhere else. */
export function getResponse(answer: Answer, clock: Clock): GetResponse__Output {
  // The wall clock first: a process that is held up in between claims less, not more.
  const wall = clock.wall()
  const now = clock.now()
  const { lease } = answer
  return {
    outcome: OUTCOME[answer.outcome],
    value: answer.value,
    source: SOURCE[answer.source],
    version: answer.version,
    // Rounded to the older side, like every doubt about freshness.
    as_of_unix_ms: wholeMs(wall - (now - answer.asOf)),
    age_ms: answer.outcome === 'miss' ? 0 : wholeMs(now - answer.loadedAt),
    degraded: answer.degraded,
    lease: lease === undefined ? null : { token: lease.token, ttl_ms: wholeMs(lease.ttlMs) },
  }
}

/** 0 for what is negative or unknown. */
function wholeMs(ms: number): number {
  return ms > 0 && Number.isFinite(ms) ? Math.floor(ms) : 0
}

export function batchGetError(error: RingsideError): BatchGetError__Output {
  return { code: STATUS_OF[error.reason], reason: error.reason, message: error.message }
}

export interface SetLimits {
  /** Largest value, in bytes. */
  readonly valueBytes: number
}

/** Throws `NOT_IMPLEMENTED`, `VALUE_TOO_LARGE`, `TTL_INVALID` or `ARGUMENT_INVALID`. */
export function setRequest(message: SetRequest__Output, limits: SetLimits): SetRequest {
  const { keyspace, key, tenant, value, ttl_ms: ttlMs, lease_token: leaseToken, if_version: ifVersion } = message
  const { tags } = message
  const flaw = tagsFlaw(tags)
  if (flaw !== undefined) throw fieldInvalid('ARGUMENT_INVALID', 'tags', flaw)
  checkSize(value, limits.valueBytes)
  if (ttlMs !== undefined && ttlMs <= 0) {
    throw fieldInvalid('TTL_INVALID', 'ttl_ms', `is ${ttlMs}; name more than 0, or leave it out for the keyspace's ttl`)
  }
  if (ifVersion !== undefined && ifVersion > Number.MAX_SAFE_INTEGER) {
    throw fieldInvalid('ARGUMENT_INVALID', 'if_version', 'is not below 2^53; name a version from an answer')
  }
  return {
    keyspace,
    key,
    tenant,
    value,
    leaseToken,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(ifVersion === undefined ? {} : { ifVersion }),
    ...(tags.length === 0 ? {} : { tags }),
  }
}

/** Throws `VALUE_TOO_LARGE` or `ARGUMENT_INVALID`. */
export function writeRequest(message: WriteRequest__Output, { valueBytes }: SetLimits): WriteRequest {
  const { keyspace, key, tenant, change, value } = message
  if (change === 'value' && value !== undefined) {
    checkSize(value, valueBytes)
    return { keyspace, key, tenant, value }
  }
  if (change === 'delete' && message.delete === true) return { keyspace, key, tenant, value: undefined }
  throw fieldInvalid('ARGUMENT_INVALID', 'change', 'is missing; name a `value`, or say that `delete` is true')
}

function checkSize(value: Buffer, most: number): void {
  if (value.length <= most) return
  throw fieldInvalid('VALUE_TOO_LARGE', 'value', `has ${value.length} bytes; at most ${most} are allowed`)
}

/** Longer than any transaction should take; a hold keeps a key from being cached. */
const MOST_HOLD_MS = 600_000

/** Throws `ARGUMENT_INVALID`. */
export function holdOf(holdMs: number | undefined): { readonly holdMs?: number } {
  if (holdMs === undefined) return {}
  if (holdMs >= 0 && holdMs <= MOST_HOLD_MS) return { holdMs }
  throw fieldInvalid('ARGUMENT_INVALID', 'hold_ms', `is ${holdMs}; name 0 to ${MOST_HOLD_MS} milliseconds`)
}

/** A target that names nothing asks for the empty key, which the cache refuses. */
export function targetOf({ keyspace, tenant, key, tag }: InvalidateTarget__Output): KeyRequest | InvalidateTagRequest {
  return tag === undefined ? { keyspace, key: key ?? '', tenant } : { keyspace, tag, tenant }
}

function fieldInvalid(reason: 'VALUE_TOO_LARGE' | 'TTL_INVALID' | 'ARGUMENT_INVALID', field: string, flaw: string) {
  return new RingsideError(reason, `${field} ${flaw}`, { metadata: { field } })
}
