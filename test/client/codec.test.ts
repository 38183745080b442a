import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { decodeBatchGetResponse } from '../../src/client/batch-message.ts'
import { decodeGetResponse, encodeBatchGetRequest, encodeGetRequest } from '../../src/client/get-message.ts'
import { decodeInvalidateResponse, encodeInvalidateRequest } from '../../src/client/invalidate-message.ts'
import { decodeSetResponse, encodeSetRequest } from '../../src/client/set-message.ts'
import { readStatusDetails } from '../../src/client/status-details.ts'
import { decodeWriteResponse, encodeWriteRequest } from '../../src/client/write-message.ts'
import { messageDefinition, serviceDefinition } from '../../src/rpc/ringside-proto.ts'
import { toFailure } from '../../src/rpc/status-details.ts'

const cache = serviceDefinition('ringside.v1.Cache')
const method = (name: string) => cache[name] as (typeof cache)[string]

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
const whole = fc.oneof(fc.nat(300), fc.maxSafeNat())
const blob = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })

const getRequest = fc.record({
  keyspace: text,
  key: text,
  tenant: optional(text),
  maxStalenessMs: optional(whole),
  minVersion: optional(whole),
  fields: optional(fc.array(text, { maxLength: 4 })),
})
type Get = typeof getRequest extends fc.Arbitrary<infer Value> ? Value : never

/** What the server makes of a request, in its own words. */
const seenGet = ({ keyspace, key, tenant, maxStalenessMs, minVersion, fields = [] }: Get) => ({
  keyspace,
  key,
  tenant: tenant ?? '',
  fields,
  ...(maxStalenessMs === undefined ? {} : { max_staleness_ms: maxStalenessMs, _max_staleness_ms: 'max_staleness_ms' }),
  ...(minVersion === undefined ? {} : { min_version: minVersion, _min_version: 'min_version' }),
})

const OUTCOMES = { OUTCOME_FOUND: 'found', OUTCOME_NOT_FOUND: 'not-found', OUTCOME_MISS: 'miss' } as const
const getResponse = fc.record({
  outcome: fc.constantFrom(...(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[])),
  value: blob,
  source: fc.constantFrom('SOURCE_NEAR', 'SOURCE_COPY', 'SOURCE_REPLICA', 'SOURCE_PRIMARY', 'SOURCE_ORIGIN'),
  version: whole,
  as_of_unix_ms: fc.oneof(whole, fc.integer({ min: -1_000_000, max: -1 })),
  age_ms: whole,
  degraded: fc.boolean(),
  lease: fc.option(fc.record({ token: text, ttl_ms: whole })),
})
type Got = typeof getResponse extends fc.Arbitrary<infer Value> ? Value : never

/** An answer in the client's words. */
const answerOf = (response: Got) => ({
  outcome: OUTCOMES[response.outcome],
  value: response.value,
  source: response.source.slice('SOURCE_'.length).toLowerCase().replace('unspecified', 'unknown'),
  version: response.version,
  asOfUnixMs: response.as_of_unix_ms,
  ageMs: response.age_ms,
  degraded: response.degraded,
  lease: response.lease === null ? undefined : { token: response.lease.token, ttlMs: response.lease.ttl_ms },
})

describe('the codec of the client', () => {
  it('writes a GetRequest as proto-loader reads it', () => {
    fc.assert(
      fc.property(getRequest, (request) => {
        expect(method('Get').requestDeserialize(encodeGetRequest(request))).toEqual(seenGet(request))
      }),
    )
  })

  it('writes a BatchGetRequest as proto-loader reads it', () => {
    fc.assert(
      fc.property(fc.array(getRequest, { maxLength: 20 }), (requests) => {
        const seen = method('BatchGet').requestDeserialize(encodeBatchGetRequest(requests))
        expect(seen).toEqual({ requests: requests.map(seenGet) })
      }),
    )
  })

  it('writes a SetRequest as proto-loader reads it', () => {
    const request = fc.record({
      keyspace: text,
      key: text,
      tenant: optional(text),
      value: blob,
      ttlMs: optional(whole),
      leaseToken: optional(text),
      ifVersion: optional(whole),
      tags: optional(fc.array(text, { maxLength: 5 })),
    })
    fc.assert(
      fc.property(request, (given) => {
        const { tenant = '', leaseToken = '', ttlMs, ifVersion, tags = [], ...rest } = given
        expect(method('Set').requestDeserialize(encodeSetRequest(given))).toEqual({
          ...rest,
          tenant,
          lease_token: leaseToken,
          tags,
          ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs, _ttl_ms: 'ttl_ms' }),
          ...(ifVersion === undefined ? {} : { if_version: ifVersion, _if_version: 'if_version' }),
        })
      }),
    )
  })

  it('writes a WriteRequest as proto-loader reads it', () => {
    const request = fc.record({ keyspace: text, key: text, tenant: optional(text), value: fc.option(blob) })
    fc.assert(
      fc.property(request, ({ value, tenant, ...names }) => {
        const given = { ...names, ...(tenant === undefined ? {} : { tenant }), value }
        expect(method('Write').requestDeserialize(encodeWriteRequest(given))).toEqual({
          ...names,
          tenant: tenant ?? '',
          ...(value === null ? { delete: true, change: 'delete' } : { value, change: 'value' }),
        })
      }),
    )
  })

  it('writes an InvalidateRequest as proto-loader reads it', () => {
    const whose = { keyspace: text, tenant: optional(text) }
    const target = fc.oneof(fc.record({ ...whose, key: text }), fc.record({ ...whose, tag: text }))
    const targets = fc.array(target, { maxLength: 10 })
    fc.assert(
      fc.property(targets, optional(whole), (given, holdMs) => {
        expect(method('Invalidate').requestDeserialize(encodeInvalidateRequest(given, holdMs))).toEqual({
          targets: given.map(({ tenant = '', ...rest }) => ({
            ...rest,
            tenant,
            target: 'tag' in rest ? 'tag' : 'key',
          })),
          ...(holdMs === undefined ? {} : { hold_ms: holdMs, _hold_ms: 'hold_ms' }),
        })
      }),
    )
  })

  it('reads what proto-loader writes', () => {
    fc.assert(
      fc.property(getResponse, (response) => {
        expect(decodeGetResponse(method('Get').responseSerialize(response))).toEqual(answerOf(response))
      }),
    )
    fc.assert(
      fc.property(fc.boolean(), whole, (stored, version) => {
        expect(decodeSetResponse(method('Set').responseSerialize({ stored, version }))).toEqual({ stored, version })
      }),
    )
    fc.assert(
      fc.property(whole, fc.boolean(), (version, deferred) => {
        const response = method('Write').responseSerialize({ version, deferred })
        expect(decodeWriteResponse(response)).toEqual({ version, deferred })
      }),
    )
    const results = fc.array(fc.record({ version: whole, deferred: fc.boolean() }))
    fc.assert(
      fc.property(results, (given) => {
        expect(decodeInvalidateResponse(method('Invalidate').responseSerialize({ results: given }))).toEqual(given)
      }),
    )
  })

  it('reads each result of a batch by its kind', () => {
    const failure = fc.record({ code: fc.integer(), reason: text, message: text })
    const result = fc.oneof(
      fc.record({ response: getResponse }),
      failure.map((error) => ({ error })),
    )
    fc.assert(
      fc.property(fc.array(result, { maxLength: 20 }), (results) => {
        const expected = results.map((one) =>
          'error' in one ? { ok: false, failure: one.error } : { ok: true, answer: answerOf(one.response) },
        )
        expect(decodeBatchGetResponse(method('BatchGet').responseSerialize({ results }))).toEqual(expected)
      }),
    )
  })

  it('passes over fields that it does not know', () => {
    const known = method('Get').responseSerialize({ outcome: 'OUTCOME_FOUND', value: Buffer.from('v'), version: 7 })
    // Fields 90 to 94: a varint, eight bytes, four bytes, a length, and a group with a field inside.
    const strange = Buffer.from(
      'd005ffffffffffffffffff01d9050102030405060708e50501020304e2050161f30508011a00f405',
      'hex',
    )
    for (const bytes of [Buffer.concat([strange, known]), Buffer.concat([known, strange])]) {
      expect(decodeGetResponse(bytes)).toMatchObject({ outcome: 'found', value: Buffer.from('v'), version: 7 })
    }
  })

  it('reads of an answer that was cut what proto-loader does, or throws a RangeError', () => {
    // It throws more often: of a number that was cut proto-loader takes what there is.
    fc.assert(
      fc.property(getResponse, fc.double({ min: 0, max: 1, noNaN: true }), (response, share) => {
        const whole = method('Get').responseSerialize(response)
        const cut = whole.subarray(0, Math.floor(share * whole.length))
        let ours: ReturnType<typeof decodeGetResponse>
        try {
          ours = decodeGetResponse(cut)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        expect(ours).toEqual(answerOf({ ...(method('Get').responseDeserialize(cut) as Got) }))
      }),
    )
  })

  it('never does worse than a RangeError on bytes that are no message', () => {
    const decoders = [decodeGetResponse, decodeBatchGetResponse, decodeSetResponse, decodeInvalidateResponse]
    fc.assert(
      fc.property(blob, (bytes) => {
        readStatusDetails(bytes)
        for (const decode of decoders) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads the details of the failures that the sidecar sends', () => {
    const error = new RingsideError('ORIGIN_LIMIT', 'try later', {
      retryAfterMs: 1_234.5,
      metadata: { field: 'key', keyspace: 'product' },
    })
    expect(readStatusDetails(toFailure(error).details)).toEqual({
      reason: 'ORIGIN_LIMIT',
      metadata: { field: 'key', keyspace: 'product' },
      retryAfterMs: 1_235,
    })
  })

  it('takes no reason from another domain', () => {
    const value = messageDefinition('google.rpc.ErrorInfo').serialize({ reason: 'SHARD_UNAVAILABLE', domain: 'other' })
    const details = [{ type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value }]
    const bytes = messageDefinition('google.rpc.Status').serialize({ code: 14, message: '', details })
    expect(readStatusDetails(bytes).reason).toBeUndefined()
  })
})
