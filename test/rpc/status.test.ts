import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REASONS, type Reason, RingsideError } from '../../src/base/errors.ts'
import { failure } from './client.ts'
import { type Rig, startRig } from './harness.ts'

const PRODUCT = { keyspace: 'product', key: '1' }

/** What callers rely on, written out a second time on purpose. */
const CODES: Record<Reason, number> = {
  ARGUMENT_INVALID: 3,
  KEYSPACE_UNKNOWN: 3,
  KEY_INVALID: 3,
  TENANT_INVALID: 3,
  VALUE_TOO_LARGE: 3,
  TTL_INVALID: 3,
  BATCH_SIZE: 3,
  KEYSPACE_KIND: 3,
  CONFIG_INVALID: 13,
  NOT_IMPLEMENTED: 12,
  ADMIN_FORBIDDEN: 7,
  ENVIRONMENT_MISMATCH: 9,
  LEASE_LOST: 9,
  VERSION_MISMATCH: 9,
  COUNTER_OVERFLOW: 9,
  NOT_A_COUNTER: 9,
  WRITE_REFUSED: 9,
  LOCK_LOST: 9,
  ERRAND_UNDER_WAY: 9,
  LEASE_BUSY: 14,
  SHARD_UNAVAILABLE: 14,
  ORIGIN_UNAVAILABLE: 14,
  ORIGIN_LIMIT: 8,
  BACKLOG_FULL: 8,
  IN_FLIGHT_LIMIT: 8,
  OVERLOADED: 8,
  DEADLINE: 4,
  CANCELLED: 1,
  INTERNAL: 13,
}

let rig: Rig

beforeAll(async () => {
  rig = await startRig()
})

afterAll(() => rig.close())

function failWith(error: RingsideError): void {
  rig.cache.onGet = () => {
    throw error
  }
}

describe('a failed call', () => {
  it.each(REASONS)('carries %s as its status and in its details', async (reason) => {
    failWith(new RingsideError(reason, 'key is bad; use another', { metadata: { keyspace: 'product' } }))
    expect(await failure(rig.client.get(PRODUCT))).toStrictEqual({
      code: CODES[reason],
      message: 'key is bad; use another',
      details: { ErrorInfo: { reason, domain: 'ringside', metadata: { keyspace: 'product' } } },
    })
  })

  it('says when to retry, never too early', async () => {
    failWith(new RingsideError('LEASE_BUSY', 'another sidecar loads this key', { retryAfterMs: 2_500.2 }))
    const { details } = await failure(rig.client.get(PRODUCT))
    expect(details.RetryInfo).toStrictEqual({ retry_delay: { seconds: 2, nanos: 501_000_000 } })
  })

  it('says to retry at once where the wait is 0', async () => {
    failWith(new RingsideError('ORIGIN_LIMIT', 'the origin is busy', { retryAfterMs: 0 }))
    const { details } = await failure(rig.client.get(PRODUCT))
    expect(details.RetryInfo).toStrictEqual({ retry_delay: { seconds: 0, nanos: 0 } })
  })

  it('names the field at fault', async () => {
    failWith(new RingsideError('KEY_INVALID', 'key is empty', { metadata: { field: 'key' } }))
    const { details } = await failure(rig.client.get(PRODUCT))
    expect(details.BadRequest).toStrictEqual({
      field_violations: [{ field: 'key', description: 'key is empty' }],
    })
  })

  it('keeps the cause inside', async () => {
    const cause = new Error('password authentication failed for user "app"')
    failWith(new RingsideError('ORIGIN_UNAVAILABLE', 'origin catalog failed', { cause }))
    expect(JSON.stringify(await failure(rig.client.get(PRODUCT)))).not.toContain('password')
  })

  it('still reaches its caller when the message is very long', async () => {
    failWith(new RingsideError('KEY_INVALID', `key ${'ü'.repeat(100_000)}`, { metadata: { field: 'key' } }))
    const failed = await failure(rig.client.get(PRODUCT))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'KEY_INVALID' })
  })
})
