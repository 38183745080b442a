import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

const ORIGIN_DOWN = new RingsideError('ORIGIN_UNAVAILABLE', 'the test says so')

describe('the read path', () => {
  it('loads from the origin, then answers from the near cache, then from the home shard', async () => {
    const { clock, origin, get } = await cacheRig()
    origin.rows.set('1', 'one')
    const first = await get('1')
    expect([first.source, textOf(first), first.degraded]).toEqual(['origin', 'one', false])
    const second = await get('1')
    expect([second.source, textOf(second), second.version]).toEqual(['near', 'one', first.version])
    await clock.advance(5_001)
    const third = await get('1')
    expect([third.source, textOf(third), third.version]).toEqual(['primary', 'one', first.version])
    expect(origin.asked).toHaveLength(1)
  })

  it('answers a near hit without making a promise', async () => {
    const { origin, get, cache } = await cacheRig()
    origin.rows.set('1', 'one')
    await get('1')
    expect(cache.get({ keyspace: 'product', key: '1', tenant: '' })).not.toBeInstanceOf(Promise)
  })

  it('asks the origin once for any number of readers in any number of sidecars', async () => {
    const { clock, origin, sidecar } = await cacheRig()
    origin.rows.set('1', 'one')
    origin.holding = true
    const sidecars = [sidecar(), sidecar(), sidecar()]
    const reads = sidecars.flatMap(({ get }) => Array.from({ length: 100 }, () => get('1')))
    await clock.advance(500)
    origin.letGo()
    await clock.advance(100)
    expect(new Set((await Promise.all(reads)).map(textOf))).toEqual(new Set(['one']))
    expect(origin.asked).toHaveLength(1)
  })

  it('remembers for a while that the origin has none', async () => {
    const { clock, origin, get } = await cacheRig()
    expect((await get('9')).outcome).toBe('not-found')
    expect(await get('9')).toMatchObject({ outcome: 'not-found', source: 'near' })
    await clock.advance(6_000)
    expect(await get('9')).toMatchObject({ outcome: 'not-found', source: 'primary' })
    await clock.advance(5_000)
    origin.rows.set('9', 'nine')
    expect(textOf(await get('9'))).toBe('nine')
    expect(origin.asked).toHaveLength(2)
  })

  it('never takes an error of the origin for "not found"', async () => {
    const { origin, get } = await cacheRig()
    origin.failure = ORIGIN_DOWN
    await expect(get('1')).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    origin.failure = undefined
    origin.rows.set('1', 'one')
    expect(textOf(await get('1'))).toBe('one')
  })

  it('gives its lease back when the load fails, so that the next reader need not wait for its end', async () => {
    const { clock, origin, get, sidecar } = await cacheRig()
    origin.failure = ORIGIN_DOWN
    await expect(get('1')).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    await clock.advance(0)
    origin.failure = undefined
    origin.rows.set('1', 'one')
    expect((await sidecar().get('1')).source).toBe('origin')
  })

  it('does not store a value over the limit, but answers it', async () => {
    const { origin, get } = await cacheRig()
    origin.rows.set('1', 'x'.repeat(1_001))
    expect((await get('1')).value).toHaveLength(1_001)
    expect((await get('1')).source).toBe('origin')
    expect(origin.asked).toHaveLength(2)
  })

  it('shortens the ttl at random by the jitter', async () => {
    const { clock, origin, get } = await cacheRig({ jitter: 0.2, boundMs: 100 })
    origin.rows.set('1', 'one')
    await get('1')
    await clock.advance(53_900)
    expect((await get('1')).source).toBe('primary')
    await clock.advance(200)
    expect((await get('1')).source).toBe('origin')
  })

  describe('with a bound of the request', () => {
    it('reads the home shard for a bound of 0', async () => {
      const { origin, get } = await cacheRig()
      origin.rows.set('1', 'one')
      await get('1')
      expect((await get('1', { maxStalenessMs: 0 })).source).toBe('primary')
    })

    it('takes the near cache only while its answer is young enough', async () => {
      const { clock, origin, get } = await cacheRig()
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(1_000)
      expect((await get('1', { maxStalenessMs: 2_000 })).source).toBe('near')
      expect((await get('1', { maxStalenessMs: 500 })).source).toBe('primary')
    })

    it('clamps a larger one to the bound of the keyspace', async () => {
      const { clock, origin, get } = await cacheRig()
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(5_001)
      expect((await get('1', { maxStalenessMs: 60_000 })).source).toBe('primary')
    })

    it('is always 0 in a strong keyspace, whose answers never come from the near cache', async () => {
      const { origin, get } = await cacheRig({ consistency: 'strong', boundMs: 0, near: false })
      origin.rows.set('1', 'one')
      expect((await get('1')).source).toBe('origin')
      expect((await get('1')).source).toBe('primary')
    })
  })

  describe('and an invalidation during a load', () => {
    it('stores nothing of that load, and gives it to no reader who began after the loss', async () => {
      const { clock, origin, get, sidecar } = await cacheRig()
      origin.rows.set('1', 'old')
      origin.holding = true
      const early = get('1')
      await clock.advance(10)
      origin.rows.set('1', 'new')
      await sidecar().invalidate('1')
      const late = get('1')
      await clock.advance(10)
      origin.letGo()
      await clock.advance(100)
      expect(textOf(await early)).toBe('old')
      expect(textOf(await late)).toBe('new')
      expect(textOf(await get('1'))).toBe('new')
    })

    it('lets a reader with a bound of 0, begun after it, not join the flight under way', async () => {
      const { clock, origin, get, sidecar } = await cacheRig()
      origin.rows.set('1', 'old')
      origin.holding = true
      const early = get('1')
      await clock.advance(10)
      await sidecar().invalidate('1')
      origin.rows.set('1', 'new')
      const strict = get('1', { maxStalenessMs: 0 })
      await clock.advance(10)
      origin.letGo()
      await clock.advance(100)
      expect(textOf(await early)).toBe('old')
      expect(textOf(await strict)).toBe('new')
    })

    it('keeps what an own invalidation overtook out of the near cache', async () => {
      const { clock, origin, shard, get, invalidate } = await cacheRig()
      origin.rows.set('1', 'old')
      await get('1')
      await clock.advance(5_001)
      let arrive = () => {}
      shard.readsWaitFor = new Promise((resolve) => {
        arrive = resolve
      })
      const underWay = get('1')
      await clock.advance(1)
      origin.rows.set('1', 'new')
      await invalidate('1')
      arrive()
      expect(textOf(await underWay)).toBe('old')
      expect(textOf(await get('1'))).toBe('new')
    })

    it('lets nobody join, after an own invalidation, the flight that departed before it', async () => {
      const { clock, origin, get, invalidate } = await cacheRig()
      origin.rows.set('1', 'old')
      origin.holding = true
      const early = get('1')
      await clock.advance(1)
      origin.rows.set('1', 'new')
      await invalidate('1')
      const late = get('1')
      await clock.advance(1)
      expect(origin.held).toHaveLength(2)
      origin.letGo()
      await clock.advance(100)
      expect([textOf(await early), textOf(await late)]).toEqual(['old', 'new'])
    })

    it('drops the own near entry at once', async () => {
      const { origin, get, invalidate } = await cacheRig()
      origin.rows.set('1', 'old')
      await get('1')
      origin.rows.set('1', 'new')
      await invalidate('1')
      expect(await get('1')).toMatchObject({ source: 'origin', degraded: false })
    })
  })

  describe('while another sidecar loads', () => {
    it('waits for that load, then answers its value', async () => {
      const { clock, origin, get, sidecar } = await cacheRig()
      origin.rows.set('1', 'one')
      origin.holding = true
      const holder = get('1')
      await clock.advance(1)
      const waiter = sidecar().get('1')
      await clock.advance(300)
      origin.letGo()
      await clock.advance(100)
      expect((await holder).source).toBe('origin')
      expect((await waiter).source).toBe('primary')
      expect(origin.asked).toHaveLength(1)
    })

    it('gives up after lease.wait with LEASE_BUSY and the time after which to try again', async () => {
      const { clock, origin, get, sidecar } = await cacheRig()
      origin.holding = true
      void get('1')
      await clock.advance(1)
      const waiter = sidecar().get('1')
      const refused = expect(waiter).rejects.toMatchObject({ reason: 'LEASE_BUSY', retryAfterMs: expect.any(Number) })
      await clock.advance(1_100)
      await refused
      expect(origin.asked).toHaveLength(1)
    })

    it('takes over when the holder has died', async () => {
      const { clock, origin, get, sidecar } = await cacheRig({}, { waitMs: 10_000 })
      origin.rows.set('1', 'one')
      origin.holding = true
      void get('1')
      await clock.advance(1)
      const waiter = sidecar().get('1')
      await clock.advance(2_900)
      expect(origin.asked).toHaveLength(1)
      origin.holding = false
      await clock.advance(300)
      expect(textOf(await waiter)).toBe('one')
      expect(origin.asked).toHaveLength(2)
    })

    it('answers the stale value at once where the policy allows it, marked once it is beyond the bound', async () => {
      const { clock, origin, get, invalidate, sidecar } = await cacheRig({ degradedMs: 60_000 })
      origin.rows.set('1', 'old')
      await get('1')
      await invalidate('1')
      origin.holding = true
      void get('1')
      await clock.advance(1)
      const other = sidecar()
      expect(await other.get('1')).toMatchObject({ source: 'primary', degraded: false })
      await clock.advance(2_900)
      expect(await sidecar().get('1')).toMatchObject({ degraded: false })
      await clock.advance(50)
      expect(await other.get('1', { maxStalenessMs: 1_000 })).toMatchObject({ degraded: true })
    })
  })

  describe('with its shard down', () => {
    it('asks the origin, as a fallback and without a fill', async () => {
      const { origin, shard, get } = await cacheRig()
      origin.rows.set('1', 'one')
      shard.down = true
      expect(await get('1')).toMatchObject({ source: 'origin', degraded: false, version: 0 })
      expect(origin.asks('fallback')).toBe(1)
      shard.down = false
      expect((await shard.read('test:product:v1::1')).found).toBe(false)
    })

    it('keeps the fallback answer near for the bound, so that the origin is not asked at every read', async () => {
      const { clock, origin, shard, get } = await cacheRig()
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(5_001)
      shard.down = true
      expect((await get('1')).source).toBe('origin')
      expect((await get('1')).source).toBe('near')
      await clock.advance(5_001)
      expect((await get('1')).source).toBe('origin')
    })

    it('does so, too, where a stale entry with a version stands there', async () => {
      const { clock, origin, shard, get } = await cacheRig({ degradedMs: 60_000 })
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(10_000)
      shard.down = true
      expect((await get('1')).source).toBe('origin')
      expect(await get('1')).toMatchObject({ source: 'near', degraded: false })
    })

    it('answers stale when the origin fails too, as far as the policy allows, and says so', async () => {
      const { clock, origin, shard, get, tally } = await cacheRig({ degradedMs: 20_000 })
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(10_000)
      shard.down = true
      origin.failure = ORIGIN_DOWN
      expect(await get('1')).toMatchObject({ source: 'near', degraded: true })
      expect(tally.keyspaces.get('product')?.degraded).toBe(1)
      await clock.advance(10_001)
      await expect(get('1')).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    })

    it('answers stale before it asks the origin where the policy says so', async () => {
      const { clock, origin, shard, get } = await cacheRig({ degradedMs: 20_000, degradedThen: 'stale' })
      origin.rows.set('1', 'one')
      await get('1')
      await clock.advance(10_000)
      shard.down = true
      expect(await get('1')).toMatchObject({ source: 'near', degraded: true })
      expect(origin.asked).toHaveLength(1)
      await clock.advance(10_001)
      expect(await get('1')).toMatchObject({ source: 'origin', degraded: false })
    })

    it('fails at once where the policy says so', async () => {
      const { origin, shard, get } = await cacheRig({ degradedThen: 'fail' })
      shard.down = true
      await expect(get('1')).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE', retryAfterMs: 100 })
      expect(origin.asked).toHaveLength(0)
    })

    it('never marks an answer of a strong keyspace as degraded: it is from the origin, or there is none', async () => {
      const { origin, shard, get } = await cacheRig({ consistency: 'strong', boundMs: 0, near: false })
      origin.rows.set('1', 'one')
      shard.down = true
      expect(await get('1')).toMatchObject({ source: 'origin', degraded: false })
      origin.failure = ORIGIN_DOWN
      await expect(get('1')).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    })
  })

  describe('in a batch', () => {
    const batch = (keys: readonly string[]) => keys.map((key) => ({ keyspace: 'product', key, tenant: '' }))

    it('answers every key in order, and a failing one fails alone', async () => {
      const { origin, cache } = await cacheRig()
      origin.rows.set('1', 'one').set('2', 'two')
      const requests = [...batch(['1', '', '2', '3']), { keyspace: 'nope', key: '1', tenant: '' }]
      const results = await cache.batchGet(requests)
      const told = results.map((one) => (one instanceof RingsideError ? one.reason : one.outcome))
      expect(told).toEqual(['found', 'KEY_INVALID', 'found', 'not-found', 'KEYSPACE_UNKNOWN'])
    })

    it('loads a key once though it is asked for twice', async () => {
      const { origin, cache } = await cacheRig()
      origin.rows.set('1', 'one')
      const results = await cache.batchGet(batch(['1', '1', '1']))
      expect(results.map((one) => one instanceof RingsideError || textOf(one))).toEqual(['one', 'one', 'one'])
      expect(origin.asked).toHaveLength(1)
    })

    it('does not hold the rest back for a key that another sidecar is loading', async () => {
      const { clock, origin, get, sidecar } = await cacheRig()
      origin.rows.set('1', 'one').set('2', 'two')
      origin.holding = true
      const slow = get('1')
      await clock.advance(1)
      origin.holding = false
      const both = sidecar().cache.batchGet(batch(['1', '2']))
      await clock.advance(0)
      expect(origin.asked.map((request) => request.key)).toEqual(['1', '2'])
      origin.letGo()
      await clock.advance(100)
      expect((await both).map((one) => one instanceof RingsideError || textOf(one))).toEqual(['one', 'two'])
      await slow
    })

    it('sends its loads in one moment, though its shards answer at different ones', async () => {
      const { clock, origin, cache } = await cacheRig()
      const askedAt: number[] = []
      const load = origin.load.bind(origin)
      origin.load = (request) => {
        askedAt.push(clock.now())
        return load(request)
      }
      await cache.batchGet(batch(Array.from({ length: 50 }, (_, index) => String(index))))
      expect(askedAt).toHaveLength(50)
      expect(new Set(askedAt).size).toBe(1)
    })
  })
})
