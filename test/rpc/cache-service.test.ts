import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { failure } from './client.ts'
import { answer, FakeCache } from './fake-cache.ts'
import { LIMITS, type Rig, startRig } from './harness.ts'

const PRODUCT = { keyspace: 'product', key: '1' }

let rig: Rig

beforeAll(async () => {
  rig = await startRig()
})

afterAll(() => rig.close())

beforeEach(() => {
  const fresh = new FakeCache()
  rig.cache.onGet = fresh.onGet
  rig.cache.onSet = fresh.onSet
  rig.cache.onInvalidate = fresh.onInvalidate
  rig.cache.asked.length = 0
  rig.meter.results.length = 0
  rig.meter.calls.length = 0
  rig.log.lines.length = 0
})

describe('Get', () => {
  it('passes the request on, and only names a bound when the caller did', async () => {
    await rig.client.get({ ...PRODUCT, tenant: 'acme' })
    await rig.client.get({ ...PRODUCT, max_staleness_ms: 0 })
    expect(rig.cache.asked).toStrictEqual([
      { keyspace: 'product', key: '1', tenant: 'acme' },
      { keyspace: 'product', key: '1', tenant: '', maxStalenessMs: 0 },
    ])
  })

  it('answers a value with its source, version and marks, whether it came at once or later', async () => {
    const found = answer({ value: Buffer.from([0, 255, 7]), source: 'replica', version: 2 ** 52 + 1, degraded: true })
    const expected = {
      outcome: 'OUTCOME_FOUND',
      value: Buffer.from([0, 255, 7]),
      source: 'SOURCE_REPLICA',
      version: 2 ** 52 + 1,
      degraded: true,
      lease: null,
    }
    rig.cache.onGet = () => found
    expect(await rig.client.get(PRODUCT)).toMatchObject(expected)
    rig.cache.onGet = async () => found
    expect(await rig.client.get(PRODUCT)).toMatchObject(expected)
  })

  it('names every source and outcome', async () => {
    const seen = []
    for (const source of ['near', 'copy', 'replica', 'primary', 'origin'] as const) {
      rig.cache.onGet = () => answer({ source, outcome: 'not-found' })
      const response = await rig.client.get(PRODUCT)
      seen.push(response.source, response.outcome)
    }
    expect(new Set(seen)).toStrictEqual(
      new Set(['SOURCE_NEAR', 'SOURCE_COPY', 'SOURCE_REPLICA', 'SOURCE_PRIMARY', 'SOURCE_ORIGIN', 'OUTCOME_NOT_FOUND']),
    )
  })

  it('hands out the lease of a miss', async () => {
    expect(await rig.client.get({ keyspace: 'session', key: 'u1' })).toMatchObject({
      outcome: 'OUTCOME_MISS',
      lease: { token: 'lease-u1', ttl_ms: 3_000 },
      age_ms: 0,
    })
  })

  it('passes on which fields are asked for, each once, and refuses too many', async () => {
    await rig.client.get({ ...PRODUCT, fields: ['name', '', 'name'] })
    expect(rig.cache.asked).toMatchObject([{ fields: new Set(['name', '']) }])
    const many = Array.from({ length: 257 }, (_, place) => `f${place}`)
    const failed = await failure(rig.client.get({ ...PRODUCT, fields: many }))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'ARGUMENT_INVALID', metadata: { field: 'fields' } })
  })

  it('passes the least version on, and refuses one that no version can have', async () => {
    await rig.client.get({ ...PRODUCT, min_version: 7 })
    expect(rig.cache.asked).toMatchObject([{ minVersion: 7 }])
    const failed = await failure(rig.client.get({ ...PRODUCT, min_version: Number.MAX_SAFE_INTEGER + 1 }))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'ARGUMENT_INVALID', metadata: { field: 'min_version' } })
  })

  it('counts what it sent, and the call', async () => {
    await rig.client.get(PRODUCT)
    await failure(rig.client.get({ keyspace: 'product', key: '' }))
    expect(rig.meter.results).toStrictEqual(['Get product not_found origin', 'Get product key_invalid none'])
    expect(rig.meter.calls).toStrictEqual(['Get', 'Get'])
  })
})

describe('BatchGet', () => {
  it('answers each request in its place, and fails only those that fail', async () => {
    rig.cache.onGet = ({ key }) => {
      if (key === 'down') throw new RingsideError('SHARD_UNAVAILABLE', 'shard a does not answer')
      return answer({ value: Buffer.from(key) })
    }
    const { results } = await rig.client.batchGet({
      requests: [
        { keyspace: 'product', key: 'a' },
        { keyspace: 'product', key: 'b', min_version: 2 ** 53 },
        { keyspace: 'product', key: 'down' },
        { keyspace: 'product', key: 'c', min_version: 2 ** 53 },
        { keyspace: 'session', key: 'd', max_staleness_ms: 5 },
      ],
    })
    expect(results.map((result) => result.response?.value.toString() ?? result.error)).toStrictEqual([
      'a',
      { code: 3, reason: 'ARGUMENT_INVALID', message: expect.stringContaining('min_version') },
      { code: 14, reason: 'SHARD_UNAVAILABLE', message: 'shard a does not answer' },
      { code: 3, reason: 'ARGUMENT_INVALID', message: expect.stringContaining('min_version') },
      'd',
    ])
    expect(rig.cache.asked).toStrictEqual([
      [
        { keyspace: 'product', key: 'a', tenant: '' },
        { keyspace: 'product', key: 'down', tenant: '' },
        { keyspace: 'session', key: 'd', tenant: '', maxStalenessMs: 5 },
      ],
    ])
    expect(rig.meter.results).toStrictEqual([
      'BatchGet product found near',
      'BatchGet product argument_invalid none',
      'BatchGet product shard_unavailable none',
      'BatchGet product argument_invalid none',
      'BatchGet session found near',
    ])
    expect(rig.meter.calls).toStrictEqual(['BatchGet'])
  })

  it.each([0, LIMITS.batch + 1])('refuses a batch of %i', async (size) => {
    const requests = Array.from({ length: size }, (_, index) => ({ keyspace: 'product', key: `${index}` }))
    const failed = await failure(rig.client.batchGet({ requests }))
    expect(failed.code).toBe(3)
    expect(failed.details).toMatchObject({
      ErrorInfo: { reason: 'BATCH_SIZE' },
      BadRequest: { field_violations: [{ field: 'requests' }] },
    })
    expect(rig.cache.asked).toStrictEqual([])
  })

  it('takes a batch of just the limit', async () => {
    const requests = Array.from({ length: LIMITS.batch }, (_, index) => ({ keyspace: 'product', key: `${index}` }))
    expect((await rig.client.batchGet({ requests })).results).toHaveLength(LIMITS.batch)
  })

  it('logs a bug in one key, and shows the caller nothing of it', async () => {
    rig.cache.onGet = () => {
      throw new Error('undefined is not a function')
    }
    const { results } = await rig.client.batchGet({ requests: [PRODUCT] })
    expect(results[0]!.error).toMatchObject({ code: 13, reason: 'INTERNAL' })
    expect(results[0]!.error!.message).not.toContain('undefined')
    expect(rig.log.lines.map(({ fields }) => JSON.stringify(fields))).toStrictEqual([
      expect.stringContaining('undefined is not a function'),
    ])
  })
})

describe('Set', () => {
  it('passes on what was named, and leaves out what was not', async () => {
    rig.cache.onSet = async () => ({ stored: true, version: 9 })
    const whole = { ...PRODUCT, value: Buffer.from('v'), ttl_ms: 1_500, lease_token: 'aZ0_-', if_version: 0 }
    expect(await rig.client.set({ ...whole, tenant: 't' })).toStrictEqual({ stored: true, version: 9 })
    await rig.client.set(PRODUCT)
    expect(rig.cache.asked).toStrictEqual([
      {
        keyspace: 'product',
        key: '1',
        tenant: 't',
        value: Buffer.from('v'),
        ttlMs: 1_500,
        leaseToken: 'aZ0_-',
        ifVersion: 0,
      },
      { keyspace: 'product', key: '1', tenant: '', value: Buffer.alloc(0), leaseToken: '' },
    ])
    expect(rig.meter.results).toStrictEqual(['Set product stored none', 'Set product stored none'])
  })

  it.each([
    ['a ttl of 0', { ttl_ms: 0 }, 'TTL_INVALID', 'ttl_ms'],
    ['a negative ttl', { ttl_ms: -1 }, 'TTL_INVALID', 'ttl_ms'],
    ['a version of 2^53', { if_version: 2 ** 53 }, 'ARGUMENT_INVALID', 'if_version'],
    ['a value over the limit', { value: Buffer.alloc(LIMITS.value + 1) }, 'VALUE_TOO_LARGE', 'value'],
  ])('refuses %s', async (_, extra, reason, field) => {
    const failed = await failure(rig.client.set({ ...PRODUCT, ...extra }))
    expect(failed.code).toBe(3)
    expect(failed.message).toContain(field)
    expect(failed.details).toMatchObject({ ErrorInfo: { reason }, BadRequest: { field_violations: [{ field }] } })
    expect(rig.cache.asked).toStrictEqual([])
  })

  it('passes up to 16 tags on', async () => {
    const tags = Array.from({ length: 16 }, (_, place) => `${'t'.repeat(126)}${place % 10}${place}`.slice(0, 128))
    await rig.client.set({ ...PRODUCT, tags })
    expect(rig.cache.asked).toMatchObject([{ tags }])
  })

  it.each([
    ['too many', Array.from({ length: 17 }, (_, place) => `t${place}`)],
    ['an empty one', ['a', '']],
    ['one that is too long', ['t'.repeat(129)]],
    ['one that cannot be printed', ['a\nb']],
  ])('refuses %s of them', async (_what, tags) => {
    const failed = await failure(rig.client.set({ ...PRODUCT, tags }))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'ARGUMENT_INVALID', metadata: { field: 'tags' } })
    expect(rig.cache.asked).toStrictEqual([])
  })

  it('takes a value of just the limit, and leaves one far beyond it to the transport', async () => {
    expect(await rig.client.set({ ...PRODUCT, value: Buffer.alloc(LIMITS.value) })).toMatchObject({ stored: true })
    const failed = await failure(rig.client.set({ ...PRODUCT, value: Buffer.alloc(LIMITS.value * 10) }))
    expect(failed.code).toBe(8)
  })
})

describe('Invalidate', () => {
  it('passes the targets on and answers one result each', async () => {
    rig.cache.onInvalidate = async () => [
      { version: 5, deferred: false },
      { version: 6, deferred: true },
    ]
    const targets = [PRODUCT, { keyspace: 'session', key: 'u', tenant: 't' }]
    expect(await rig.client.invalidate({ targets })).toStrictEqual({
      results: [
        { version: 5, deferred: false },
        { version: 6, deferred: true },
      ],
    })
    expect(rig.cache.asked).toStrictEqual([
      [
        { keyspace: 'product', key: '1', tenant: '' },
        { keyspace: 'session', key: 'u', tenant: 't' },
      ],
    ])
    expect(rig.meter.results).toStrictEqual(['Invalidate product invalidated none', 'Invalidate session deferred none'])
  })

  it('asks the cache about a target that names nothing as about the empty key', async () => {
    await rig.client.invalidate({ targets: [{ keyspace: 'product' }] })
    expect(rig.cache.asked).toStrictEqual([[{ keyspace: 'product', key: '', tenant: '' }]])
  })

  it.each([0, LIMITS.batch + 1])('refuses %i targets', async (size) => {
    const failed = await failure(rig.client.invalidate({ targets: Array.from({ length: size }, () => PRODUCT) }))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'BATCH_SIZE' })
  })

  it('passes on which targets are tags, the empty one too', async () => {
    const tags = ['red', ''].map((tag) => ({ keyspace: 'product', tag, tenant: '' }))
    await rig.client.invalidate({ targets: [PRODUCT, ...tags] })
    expect(rig.cache.asked).toMatchObject([[PRODUCT, ...tags]])
  })

  it.each([-1, 600_001])('refuses a hold of %d ms without touching any target', async (hold_ms) => {
    const failed = await failure(rig.client.invalidate({ targets: [PRODUCT], hold_ms }))
    expect(failed.code).toBe(3)
    expect(failed.details.ErrorInfo).toMatchObject({ reason: 'ARGUMENT_INVALID', metadata: { field: 'hold_ms' } })
    expect(rig.cache.asked).toStrictEqual([])
  })
})
