import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LockCalls } from '../../src/client/lock-calls.ts'
import {
  decodeAcquireResponse,
  decodeReleaseResponse,
  decodeRenewResponse,
  encodeAcquireRequest,
  encodeReleaseRequest,
  encodeRenewRequest,
} from '../../src/client/lock-message.ts'
import { serviceDefinition } from '../../src/rpc/ringside-proto.ts'

const service = serviceDefinition('ringside.v1.Lock')
const method = (name: string) => service[name] as (typeof service)[string]

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
const whole = fc.oneof(fc.nat(300), fc.maxSafeNat())
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })

describe('the messages of locks', () => {
  it('are written as proto-loader reads them', () => {
    const acquire = fc.record({
      name: text,
      tenant: optional(text),
      ttlMs: whole,
      waitMs: optional(whole),
      requestId: text,
    })
    fc.assert(
      fc.property(acquire, text, (request, token) => {
        const { name, tenant, ttlMs, waitMs, requestId } = request
        const lock = { name, tenant: tenant ?? '' }
        expect(method('Acquire').requestDeserialize(encodeAcquireRequest(request))).toEqual({
          ...lock,
          ttl_ms: ttlMs,
          wait_ms: waitMs ?? 0,
          request_id: requestId,
        })
        const renew = { ...lock, lock_token: token, ttl_ms: ttlMs }
        expect(method('Renew').requestDeserialize(encodeRenewRequest({ ...request, token }))).toEqual(renew)
        const release = { ...lock, lock_token: token }
        expect(method('Release').requestDeserialize(encodeReleaseRequest({ ...request, token }))).toEqual(release)
      }),
    )
  })

  it('are read as proto-loader writes them', () => {
    fc.assert(
      fc.property(fc.boolean(), text, whole, whole, (acquired, token, fencingToken, ttlMs) => {
        const response = { acquired, lock_token: token, fencing_token: fencingToken, ttl_ms: ttlMs }
        const answer = { acquired, token, fencingToken, ttlMs }
        expect(decodeAcquireResponse(method('Acquire').responseSerialize(response))).toEqual(answer)
        const renewed = method('Renew').responseSerialize({ fencing_token: fencingToken, ttl_ms: ttlMs })
        expect(decodeRenewResponse(renewed)).toEqual({ fencingToken, ttlMs })
        const released = method('Release').responseSerialize({ released: acquired })
        expect(decodeReleaseResponse(released)).toBe(acquired)
      }),
    )
  })

  it('are never worse than a RangeError where the bytes are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const decode of [decodeAcquireResponse, decodeRenewResponse, decodeReleaseResponse]) {
          try {
            decode(Buffer.from(bytes))
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        }
      }),
    )
  })
})

describe('LockCalls', () => {
  it('gives a call its time to wait on top of its timeout', async () => {
    const timeouts: unknown[] = []
    const locks = new LockCalls(async (_path, _message, call, decode) => {
      timeouts.push(call.timeoutMs)
      return decode(Buffer.alloc(0))
    }, 5_000)
    expect(await locks.acquire('report', { ttlMs: 1_000, waitMs: 20_000 })).toBeUndefined()
    await locks.acquire('report', { ttlMs: 1_000, waitMs: 20_000, timeoutMs: 300 })
    await locks.release({ name: 'report', tenant: undefined, token: 't' })
    expect(timeouts).toEqual([25_000, 300, 5_000])
  })
})
