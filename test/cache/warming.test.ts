import { describe, expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { ERRAND_TTL_MS, FleetErrands } from '../../src/cache/fleet-errands.ts'
import type { WarmProgress } from '../../src/cache/warm-tally.ts'
import { type WarmAsk, Warming } from '../../src/cache/warming.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { originUnavailable } from '../../src/origin/origin-error.ts'
import { refusalError } from '../../src/origin/refusal.ts'
import { LockTable } from '../../src/store/lock-table.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { MAX_VALUE_BYTES, textOf } from '../support/use-cases.ts'

const BATCH = 100
const YIELDED = refusalError('scripted', 'yielded', { retryAfterMs: 1_000 })

/** Warming through one sidecar, with all of its parts real but the origin and the clock. */
async function rig(changes: Partial<KeyspacePolicy> = {}) {
  const made = await cacheRig({ near: false, ...changes })
  const { clock, chance, store, origin, loading } = made
  const log = silentLog
  const sidecar = () => {
    const table = new LockTable({ mostTtlMs: ERRAND_TTL_MS, heartbeatMs: 200 }, { tier: store, clock })
    const errands = new FleetErrands('test', { table, clock, chance, log })
    const around = { ...loading, origins: new Map([['scripted', origin]]), hotKeys: made.hotKeys, errands, clock, log }
    return new Warming({ maxValueBytes: MAX_VALUE_BYTES, batchOf: () => BATCH }, around)
  }
  const warming = sidecar()
  const rows = (count: number) => {
    for (let key = 0; key < count; key += 1) origin.rows.set(`${key}`, `value of ${key}`)
    return [...origin.rows.keys()]
  }
  /** Begins, and tells what has become of it. */
  const begin = (more: Partial<WarmAsk> = {}, through = warming) => {
    const gone = new AbortController()
    const told: WarmProgress[] = []
    const ask = { keyspace: 'product', tenant: '', after: '', keysPerSecond: undefined, ...more }
    const run = through.run(
      { source: { from: 'query' }, ...ask },
      { signal: gone.signal, onProgress: (far) => told.push(far) },
    )
    const outcome: { is?: WarmProgress; error?: unknown } = {}
    run.then(
      (progress) => {
        outcome.is = progress
      },
      (error: unknown) => {
        outcome.error = error
      },
    )
    return { outcome, told, gone }
  }
  const listed = (keys: readonly string[]) => ({ source: { from: 'keys', keys } }) as const
  return { ...made, warming, secondSidecar: sidecar, rows, begin, listed }
}

describe('warming', () => {
  it('loads keys that nobody has asked for, which readers then have from the shard', async () => {
    const { rows, begin, listed, clock, origin, get, warming } = await rig()
    const { outcome } = begin(listed([...rows(250), 'none']))
    await clock.advance(100)
    expect(outcome.is).toMatchObject({
      loaded: 250,
      missing: 1,
      present: 0,
      failed: 0,
      done: 251,
      total: 251,
      cursor: '251',
    })
    expect(origin.asks('warm')).toBe(251)
    expect(await get('17')).toMatchObject({ source: 'primary', value: Buffer.from('value of 17') })
    expect((await get('none')).source).toBe('primary')
    expect(origin.asks('miss')).toBe(0)
    expect(warming.stats()).toEqual([['product', { loaded: 250, missing: 1, present: 0, failed: 0 }, false]])
  })

  it('does not load what is cached, and waits for what somebody is loading', async () => {
    const { rows, begin, listed, clock, origin, get, sidecar } = await rig()
    const keys = rows(3)
    await get('0')
    origin.holding = true
    const reading = sidecar().get('1')
    await clock.advance(1)
    origin.holding = false
    const { outcome, told } = begin(listed(keys))
    await clock.advance(600)
    expect(told.at(-1)).toMatchObject({ loaded: 1, present: 1, done: 2 })
    origin.letGo()
    expect(textOf(await reading)).toBe('value of 1')
    await clock.advance(200)
    expect(outcome.is).toMatchObject({ loaded: 1, present: 2 })
  })

  it('loads what somebody else was loading who has died', async () => {
    const { rows, begin, listed, clock, shard, loading } = await rig()
    const keys = rows(3)
    const { physicalKey } = loading.keyspaces.resolve({ keyspace: 'product', tenant: '', key: '1' })
    await shard.acquire(physicalKey, { token: Buffer.alloc(16, 1), leaseTtlMs: 2_000 })
    const { outcome } = begin(listed(keys))
    await clock.advance(1_900)
    expect(outcome).toEqual({})
    await clock.advance(300)
    expect(outcome.is).toMatchObject({ loaded: 3, present: 0 })
  })

  it('waits, and fails no key, while its origin has nothing to spare, and holds no lease meanwhile', async () => {
    const { rows, begin, listed, clock, origin, sidecar } = await rig()
    const keys = rows(120)
    origin.failure = YIELDED
    const { outcome, told } = begin(listed(keys))
    await clock.advance(30_000)
    expect(outcome).toEqual({})
    expect(told.at(-1)).toMatchObject({ done: 0, total: 120 })
    origin.failure = undefined
    // Nobody else has its lease, so that a reader is not kept waiting.
    expect(await sidecar().get('5')).toMatchObject({ source: 'origin' })
    await clock.advance(10_000)
    expect(outcome.is).toMatchObject({ loaded: 119, present: 1, failed: 0 })
  })

  it('keeps to its rate', async () => {
    const { rows, begin, listed, clock } = await rig()
    const { told, outcome } = begin({ ...listed(rows(200)), keysPerSecond: 50 })
    await clock.advance(2_000)
    expect(told.at(-1)?.done).toBeGreaterThan(90)
    expect(told.at(-1)?.done).toBeLessThanOrEqual(105)
    expect(told.at(-1)?.keysPerSecond).toBeCloseTo(50, -1)
    expect(told.at(-1)?.leftMs).toBeCloseTo(2_000, -3)
    await clock.advance(2_500)
    expect(outcome.is).toMatchObject({ loaded: 200 })
  })

  it('tries again what fails for a moment', async () => {
    const { rows, begin, listed, clock, origin } = await rig()
    origin.failure = originUnavailable('scripted', 'did not answer')
    const { outcome, told } = begin(listed(rows(150)))
    await clock.advance(1_100)
    expect(told.at(-1)?.failed).toBe(0)
    origin.failure = undefined
    await clock.advance(10_000)
    expect(outcome.is).toMatchObject({ loaded: 150, failed: 0 })
  })

  it('goes on without what goes on failing, and tells why', async () => {
    const { rows, begin, listed, clock, origin, shard } = await rig()
    origin.rows.set('large', 'x'.repeat(MAX_VALUE_BYTES + 1))
    const keys = [...rows(2), 'bad\nkey']
    const first = begin(listed(keys))
    await clock.advance(1_000)
    expect(first.outcome.is).toMatchObject({ loaded: 2, failed: 2 })
    expect(first.outcome.is?.failures).toMatchObject([
      { key: 'large', reason: 'VALUE_TOO_LARGE' },
      { key: 'bad\nkey', reason: 'KEY_INVALID' },
    ])
    const second = begin(listed(['5', '6']))
    await clock.advance(1)
    shard.down = true
    const third = begin(listed(['7']))
    await clock.advance(5_000)
    expect(second.outcome.is).toMatchObject({ missing: 2 })
    expect(third.outcome.error).toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })

  it('goes on where a call was cut short', async () => {
    const { rows, begin, listed, clock, origin } = await rig()
    const keys = rows(2_500)
    const first = begin({ ...listed(keys), keysPerSecond: 1_000 })
    await clock.advance(1_600)
    first.gone.abort()
    await clock.advance(0)
    expect(first.outcome.error).toMatchObject({ reason: 'CANCELLED' })
    const { cursor } = first.told.at(-1)!
    expect(cursor).toBe('1000')
    const asked = origin.asks('warm')
    const second = begin({ ...listed(keys), after: cursor })
    await clock.advance(1_000)
    expect(second.outcome.is).toMatchObject({ total: 1_500, done: 1_500, cursor: '2500' })
    expect(second.outcome.is?.present).toBe(asked - 1_000)
    expect(origin.asks('warm')).toBe(2_500)
  })

  it('goes on in one sidecar of the fleet at a time, and is free when its caller hangs up', async () => {
    const { rows, begin, listed, clock, secondSidecar } = await rig()
    const keys = rows(500)
    const first = begin({ ...listed(keys), keysPerSecond: 10 })
    await clock.advance(5_000)
    const other = secondSidecar()
    const second = begin(listed(keys), other)
    await clock.advance(ERRAND_TTL_MS)
    expect(second.outcome.error).toMatchObject({ reason: 'ERRAND_UNDER_WAY' })
    expect(first.outcome).toEqual({})
    first.gone.abort()
    await clock.advance(0)
    const third = begin(listed(keys), other)
    await clock.advance(2_000)
    expect(third.outcome.is).toMatchObject({ done: 500 })
  })

  it('ends with its sidecar', async () => {
    const { rows, begin, listed, clock, warming } = await rig()
    const { outcome } = begin({ ...listed(rows(100)), keysPerSecond: 10 })
    await clock.advance(500)
    warming.close()
    await clock.advance(0)
    expect(outcome.error).toMatchObject({ reason: 'CANCELLED', message: expect.stringContaining('the sidecar ends') })
  })

  it('stores nothing that was changed while it was loaded, but what is there then', async () => {
    const { rows, begin, listed, clock, origin, invalidate, get } = await rig()
    const keys = rows(1)
    origin.holding = true
    const { outcome } = begin(listed(keys))
    await clock.advance(1)
    origin.rows.set('0', 'new')
    await invalidate('0')
    origin.letGo()
    await clock.advance(2_000)
    expect(outcome.is).toMatchObject({ loaded: 1 })
    expect(textOf(await get('0'))).toBe('new')
  })

  it.each([
    ['a keyspace that there is none of', { keyspace: 'prodcut' }, 'KEYSPACE_UNKNOWN'],
    ['a tenant that there is none of', { tenant: 'acme' }, 'TENANT_INVALID'],
    ['a cursor that is none', { source: { from: 'keys', keys: ['1'] }, after: 'x' }, 'ARGUMENT_INVALID'],
    ['an origin that cannot list its keys', {}, 'ARGUMENT_INVALID'],
  ] as const)('refuses %s', async (_what, ask, reason) => {
    const { begin, clock } = await rig()
    const { outcome } = begin(ask)
    await clock.advance(1)
    expect(outcome.error).toMatchObject({ reason })
  })

  it.each([
    ['counters', { kind: 'counter' }, 'KEYSPACE_KIND'],
    ['a keyspace without an origin', { origin: undefined }, 'ARGUMENT_INVALID'],
  ] as const)('refuses %s', async (_what, changes, reason) => {
    const { begin, clock } = await rig(changes)
    const { outcome } = begin()
    await clock.advance(1)
    expect(outcome.error).toMatchObject({ reason })
  })
})

describe('warming by a query', () => {
  it('reads page after page, as far as the origin has places to spare, and goes on after a key', async () => {
    const { rows, begin, clock, origin } = await rig()
    const keys = rows(2_345).sort()
    const pages: (string | undefined)[] = []
    let refused = 2
    origin.list = async (_scope, { after, most }) => {
      refused -= 1
      if (refused >= 0) throw YIELDED
      pages.push(after)
      return keys.filter((key) => after === undefined || key > after).slice(0, most)
    }
    const { outcome } = begin()
    await clock.advance(2_000)
    expect(outcome.is).toMatchObject({ loaded: 2_345, total: undefined, leftMs: undefined, cursor: keys.at(-1) })
    expect(pages).toEqual([undefined, keys[999], keys[1_999], keys.at(-1)])
    const rest = begin({ after: keys[2_299] as string })
    await clock.advance(2_000)
    expect(rest.outcome.is).toMatchObject({ present: 45, loaded: 0 })
  })

  it('does not go round in circles where the statement takes no notice of its key', async () => {
    const { rows, begin, clock, origin } = await rig()
    const keys = rows(3)
    origin.list = async () => keys
    const { outcome } = begin()
    await clock.advance(2_000)
    expect(outcome.error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', message: expect.stringContaining('follow $1') })
  })
})

describe('warming of what is hot', () => {
  it('takes the keys that readers ask for most', async () => {
    const { rows, begin, clock, get, invalidate } = await rig()
    rows(10)
    for (const key of ['3', '7']) {
      for (let read = 0; read < 50; read += 1) await get(key)
      await invalidate(key)
    }
    const { outcome } = begin({ source: { from: 'hot' } })
    await clock.advance(1_000)
    expect(outcome.is).toMatchObject({ loaded: 2, total: 2 })
    expect(await get('3')).toMatchObject({ source: 'primary' })
  })
})
