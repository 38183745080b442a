import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Rig, startRig } from '../rpc/harness.ts'
import { callFromPython } from './python-client.ts'

const PRODUCT = { keyspace: 'product', key: 'schlüssel' }
const BINARY = { base64: Buffer.from([0, 255, 128, 10]).toString('base64') }

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
  rig.server.setReady(true)
})

afterEach(() => rig.close())

describe('a client of another gRPC implementation', () => {
  it.each(['tcp', 'unix'])('stores, reads, reads many, invalidates and asks for health over %s', async (transport) => {
    const target = transport === 'tcp' ? rig.tcp : `unix:${rig.socket}`
    const found = { outcome: 'OUTCOME_FOUND', value: 'grün', source: 'SOURCE_PRIMARY', version: 1, degraded: false }
    const miss = { outcome: 'OUTCOME_MISS', value: '', lease: { token: 'lease-s', ttl_ms: 3_000 } }
    expect(
      await callFromPython(target, [
        { method: 'Check', request: { service: 'ringside.v1.Cache' } },
        { method: 'Set', request: { ...PRODUCT, value: 'grün', ttl_ms: 60_000 } },
        { method: 'Get', request: { ...PRODUCT, max_staleness_ms: 0 } },
        { method: 'Get', request: { keyspace: 'session', key: 's' } },
        { method: 'Set', request: { keyspace: 'session', key: 's', value: BINARY, lease_token: 'lease-s' } },
        {
          method: 'BatchGet',
          request: { requests: [{ keyspace: 'session', key: 's' }, { ...PRODUCT, min_version: 2 ** 53 }, PRODUCT] },
        },
        { method: 'Invalidate', request: { targets: [PRODUCT, { keyspace: 'session', key: 's' }] } },
        { method: 'Get', request: PRODUCT },
      ]),
    ).toMatchObject([
      { response: { status: 'SERVING' } },
      { response: { stored: true, version: 1 } },
      { response: { ...found, lease: null } },
      { response: miss },
      { response: { stored: true, version: 2 } },
      {
        response: {
          results: [
            { response: { outcome: 'OUTCOME_FOUND', value: BINARY, version: 2 }, error: null },
            { response: null, error: { code: 3, reason: 'ARGUMENT_INVALID' } },
            { response: found, error: null },
          ],
        },
      },
      {
        response: {
          results: [
            { version: 3, deferred: false },
            { version: 4, deferred: false },
          ],
        },
      },
      { response: { outcome: 'OUTCOME_NOT_FOUND', value: '', source: 'SOURCE_ORIGIN' } },
    ])
    expect(rig.cache.asked).toContainEqual({ ...PRODUCT, tenant: '', maxStalenessMs: 0 })
  })

  it('decodes the details of an error', async () => {
    expect(
      await callFromPython(rig.tcp, [
        { method: 'Set', request: { ...PRODUCT, ttl_ms: -1 } },
        { method: 'Set', request: { ...PRODUCT, lease_token: 'lease-of-yesterday' } },
      ]),
    ).toMatchObject([
      {
        error: {
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('ttl_ms is -1'),
          details: {
            ErrorInfo: { reason: 'TTL_INVALID', domain: 'ringside', metadata: [{ key: 'field', value: 'ttl_ms' }] },
            BadRequest: { field_violations: [{ field: 'ttl_ms' }] },
          },
        },
      },
      { error: { code: 'FAILED_PRECONDITION', details: { ErrorInfo: { reason: 'LEASE_LOST' } } } },
    ])
  })
})
