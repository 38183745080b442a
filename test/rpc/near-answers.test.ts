import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnswerAtHand, GetRequest, KeyAtHand } from '../../src/cache/cache.ts'
import type { GetRequest__Output } from '../../src/gen/ringside/v1/GetRequest.ts'
import { getRequest, getResponse } from '../../src/rpc/cache-messages.ts'
import { GetRequestReader } from '../../src/rpc/get-request-reader.ts'
import { nearAnswers } from '../../src/rpc/near-answers.ts'
import { serviceDefinition } from '../../src/rpc/ringside-proto.ts'
import { writeVarint } from '../../src/rpc/varint.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { RecordingMeter } from './recording-meter.ts'

const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } =
  serviceDefinition('ringside.v1.Cache').Get!

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constant(''),
)
const plain = fc.record(
  { keyspace: text, key: text, tenant: text, max_staleness_ms: fc.nat(2 ** 34) },
  { requiredKeys: [] },
)
const whole = fc.record(
  {
    keyspace: text,
    key: text,
    tenant: text,
    max_staleness_ms: fc.nat(2 ** 34),
    min_version: fc.nat(1_000),
    fields: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

const requests = fc.oneof(plain, whole)

function requestOf({ keyspace, tenant, bytes, start, end, maxStalenessMs }: KeyAtHand): GetRequest {
  const request = { keyspace, tenant, key: bytes.toString('latin1', start, end) }
  return maxStalenessMs === undefined ? request : { ...request, maxStalenessMs }
}

describe('the reader of requests', () => {
  const reader = new GetRequestReader()

  it('reads what the decoder reads, or leaves it to that', () => {
    let read = 0
    fc.assert(
      fc.property(requests, fc.nat(9), (message, before) => {
        const bytes = Buffer.concat([
          Buffer.alloc(before, 0xff),
          requestSerialize(message as never),
          Buffer.from([0x0a]),
        ])
        const mine = reader.read(bytes, before, bytes.length - 1)
        if (mine === undefined) return
        read += 1
        expect(requestOf(mine)).toEqual(
          getRequest(requestDeserialize(bytes.subarray(before, -1)) as GetRequest__Output),
        )
      }),
      { numRuns: 2_000 },
    )
    expect(read).toBeGreaterThan(200)
  })

  it('never reads what the decoder refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (noise) => {
        const bytes = Buffer.from(noise)
        const mine = reader.read(bytes, 0, bytes.length)
        if (mine !== undefined)
          expect(requestOf(mine)).toEqual(getRequest(requestDeserialize(bytes) as GetRequest__Output))
      }),
      { numRuns: 5_000 },
    )
  })

  it('takes those that clients send', () => {
    const bytes = requestSerialize({ keyspace: 'product', key: '42', tenant: 'acme', max_staleness_ms: 0 } as never)
    expect(requestOf(reader.read(bytes, 0, bytes.length)!)).toEqual({
      keyspace: 'product',
      key: '42',
      tenant: 'acme',
      maxStalenessMs: 0,
    })
  })
})

describe('answers from the near cache', () => {
  const values = fc.record({
    kind: fc.constantFrom('value' as const, 'negative' as const),
    version: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    asOf: fc.double({ min: -1e6, max: 2e6, noNaN: true }),
    loadedAt: fc.double({ min: -1e6, max: 2e6, noNaN: true }),
    value: fc.uint8Array({ maxLength: 300 }),
  })

  it('are those of the ordinary way, byte for meaning', async () => {
    const clock = new ManualClock()
    await clock.advance(1_000_000)
    const meter = new RecordingMeter()
    const asked: GetRequest[] = []
    let atHand: AnswerAtHand | undefined
    const handler = nearAnswers({
      cache: {
        getAtHand(request) {
          asked.push(requestOf(request))
          return atHand
        },
      },
      clock,
      meter,
    })
    const request = requestSerialize({ keyspace: 'product', key: '42' } as never)
    fc.assert(
      fc.property(values, ({ kind, version, asOf, loadedAt, value }) => {
        const bytes = kind === 'value' ? Buffer.from(value) : Buffer.alloc(0)
        atHand = {
          kind,
          version,
          asOf,
          loadedAt,
          bytes: bytes.length,
          copyTo: (target, at) => void bytes.copy(target, at),
        }
        const out = { bytes: Buffer.alloc(1_000, 0xee), at: 7, reserve: () => undefined }
        expect(handler(request, 0, request.length, out)).toBe(true)
        const outcome = kind === 'value' ? 'found' : 'not-found'
        const ordinary = getResponse(
          { outcome, value: bytes, source: 'near', version, asOf, loadedAt, degraded: false },
          clock,
        )
        expect(responseDeserialize(out.bytes.subarray(7, out.at))).toEqual(
          responseDeserialize(responseSerialize(ordinary)),
        )
      }),
    )
    expect(asked[0]).toEqual({ keyspace: 'product', key: '42', tenant: '' })
  })

  it('are left to the ordinary way where there is nothing at hand', () => {
    const meter = new RecordingMeter()
    const handler = nearAnswers({ cache: { getAtHand: () => undefined }, clock: new ManualClock(), meter })
    const request = requestSerialize({ keyspace: 'product', key: '42' } as never)
    const out = { bytes: Buffer.alloc(10), at: 0, reserve: () => undefined }
    expect(handler(request, 0, request.length, out)).toBe(false)
    expect(out.at).toBe(0)
  })
})

it('writes varints as protobuf does', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
      const out = Buffer.alloc(12)
      const end = writeVarint(out, 1, value)
      let read = 0n
      for (let at = 1; at < end; at += 1) read |= BigInt(out[at]! & 0x7f) << BigInt(7 * (at - 1))
      expect(Number(read)).toBe(value)
      expect(out[end - 1]! & 0x80).toBe(0)
    }),
  )
})
