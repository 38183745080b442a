import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { originUnavailable } from '../../src/origin/origin-error.ts'
import { noRefusals } from '../../src/origin/refusal.ts'
import { buildOrigin, echo, range } from './scripted-adapter.ts'

describe('GuardedOrigin', () => {
  it('joins the keys of one tick into one query, and tells found from not found', async () => {
    const { adapter, loadAll } = buildOrigin((keys) => echo(keys.filter((key) => key !== 'b')))
    expect(await loadAll(['a', 'b', 'c'])).toEqual(['value of a', undefined, 'value of c'])
    expect(adapter.queries.map(({ keys }) => keys)).toEqual([['a', 'b', 'c']])
  })

  it('splits what is more than a batch into as few queries as possible', async () => {
    const { adapter, loadAll } = buildOrigin(echo, { batch: 500 })
    const keys = range(0, 1_001)
    expect(await loadAll(keys)).toEqual(keys.map((key) => `value of ${key}`))
    expect(adapter.queries.map(({ keys }) => keys.length)).toEqual([500, 500, 1])
  })

  it('asks once for a key that is asked for twice, and lets it take one place of the batch', async () => {
    const { adapter, loadAll, origin } = buildOrigin(echo, { batch: 2 })
    expect(await loadAll(['a', 'a', 'b', 'a'])).toEqual(['value of a', 'value of a', 'value of b', 'value of a'])
    expect(adapter.queries.map(({ keys }) => keys)).toEqual([['a', 'b']])
    expect(origin.stats().loads.miss).toBe(2)
  })

  it('asks anew for a key in the next tick', async () => {
    const { adapter, load } = buildOrigin()
    await load('a')
    await load('a')
    expect(adapter.queries).toHaveLength(2)
  })

  it('never puts keys of two scopes into one query', async () => {
    const { adapter, load } = buildOrigin()
    await Promise.all([
      load('a', { keyspace: 'product' }),
      load('a', { keyspace: 'price' }),
      load('a', { keyspace: 'price', tenant: 'acme' }),
      load('b', { keyspace: 'price', tenant: 'acme' }),
    ])
    expect(adapter.queries.map(({ scope, keys }) => ({ ...scope, keys }))).toEqual([
      { keyspace: 'product', tenant: '', keys: ['a'] },
      { keyspace: 'price', tenant: '', keys: ['a'] },
      { keyspace: 'price', tenant: 'acme', keys: ['a', 'b'] },
    ])
  })

  it('says when the query was sent, not when it was asked for, and what it cost', async () => {
    const { clock, adapter, origin } = buildOrigin(() => undefined, { maxConcurrent: 1 })
    const scope = { keyspace: 'product', tenant: '', cause: 'miss' as const }
    const first = origin.load({ ...scope, key: 'a' })
    await clock.advance(0)
    const second = origin.load({ ...scope, key: 'b' })
    await clock.advance(300)
    adapter.queries[0]?.answer.resolve(new Map())
    await clock.advance(50)
    adapter.queries[1]?.answer.resolve(echo(['b']))
    expect(await first).toEqual({ found: false, sentAt: 0, costMs: 300 })
    expect(await second).toEqual({ found: true, value: Buffer.from('value of b'), sentAt: 300, costMs: 50 })
  })

  it('counts keys by cause, and what the guard counts', async () => {
    const { origin, load } = buildOrigin()
    await Promise.all([load('a'), load('b', {}, 'refresh'), load('c', {}, 'fallback'), load('d', {}, 'fallback')])
    expect(origin.stats()).toEqual({
      loads: { miss: 1, refresh: 1, fallback: 2, audit: 0, warm: 0 },
      stores: { stored: 0, refused: 0, unchanged: 0, unknown: 0 },
      limit: 10,
      share: 10,
      inFlight: 0,
      waiting: 0,
      rejected: noRefusals(),
      retries: 0,
    })
  })

  it('starts and closes its adapter, and loads nothing afterwards', async () => {
    const { origin, adapter, load } = buildOrigin()
    await origin.start()
    expect(adapter.started).toBe(true)
    await origin.close()
    expect(adapter.closed).toBe(true)
    expect(await load('a')).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    expect(adapter.queries).toHaveLength(0)
  })

  describe('failures', () => {
    const down = (): never => {
      throw originUnavailable('catalog', 'cannot be reached')
    }

    it('passes on what the adapter says, to every key of the query', async () => {
      const { loadAll } = buildOrigin(down)
      for (const error of await loadAll(['a', 'b'])) {
        expect(error).toBeInstanceOf(RingsideError)
        expect(error).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', retryAfterMs: 1_000 })
      }
    })

    it('fails one batch without the other', async () => {
      const { loadAll } = buildOrigin((keys) => (keys.includes('a') ? down() : echo(keys)), { batch: 2 })
      const [a, b, c] = await loadAll(['a', 'b', 'c'])
      expect(a).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      expect(b).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      expect(c).toBe('value of c')
    })

    it('fails the one key that the origin made no sense about', async () => {
      const { adapter, loadAll } = buildOrigin((keys) => {
        const values = new Map<string, Buffer | RingsideError>(echo(keys))
        return values.set('b', originUnavailable('catalog', 'yields more than one row for a key'))
      })
      const [a, b] = await loadAll(['a', 'b'])
      expect(a).toBe('value of a')
      expect(b).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
      expect(adapter.queries).toHaveLength(1)
    })

    it('turns a bug in an adapter into INTERNAL', async () => {
      const { load } = buildOrigin(() => {
        throw new TypeError('bug')
      })
      expect(await load('a')).toMatchObject({ reason: 'INTERNAL' })
    })

    it('says ORIGIN_UNAVAILABLE at the deadline, and lets the adapter know', async () => {
      const { clock, adapter, load, origin } = buildOrigin(() => undefined)
      const loading = load('a')
      await clock.advance(0)
      const signal = adapter.queries[0]?.context.signal
      await clock.advance(1_000)
      expect(await loading).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog did not answer in time',
        retryAfterMs: 1_000,
      })
      expect(signal?.aborted).toBe(true)
      expect(origin.stats().inFlight).toBe(1)
    })

    it('says ORIGIN_LIMIT, and when to come back, when no place is free', async () => {
      const { clock, load } = buildOrigin(() => undefined, { maxConcurrent: 1, maxWaiting: 1 })
      const running = load('a')
      await clock.advance(0)
      const waiting = load('b')
      await clock.advance(0)
      expect(await load('c')).toMatchObject({
        reason: 'ORIGIN_LIMIT',
        message: 'origin catalog has too many keys waiting for it',
        retryAfterMs: 1_000,
      })
      await clock.advance(1_000)
      expect(await waiting).toMatchObject({
        reason: 'ORIGIN_LIMIT',
        message: 'origin catalog had no place free in time',
        retryAfterMs: 1_000,
      })
      expect(await running).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    })

    it('loads what is warmed only in places that nobody wants, and as fast as keys may be cold', async () => {
      const { clock, adapter, load, origin } = buildOrigin(echo, { coldRate: 100, batch: 50 })
      const warm = (keys: readonly string[]) => Promise.all(keys.map((key) => load(key, {}, 'warm')))
      const first = await warm(range(0, 30))
      expect(first.filter((one) => typeof one === 'string')).toHaveLength(10)
      expect(first.at(-1)).toMatchObject({ reason: 'ORIGIN_LIMIT' })
      // A reader waits for what has been used up, and goes before what comes then.
      const reading = load('a')
      await clock.advance(1)
      expect((await warm(['x']))[0]).toMatchObject({ reason: 'ORIGIN_LIMIT' })
      await clock.advance(20)
      expect(await reading).toBe('value of a')
      expect(adapter.queries.map(({ keys }) => keys.length)).toEqual([10, 1])
      expect(origin.stats().loads).toMatchObject({ warm: 10, miss: 1 })
    })

    it('finds out by what is warmed, or listed, whether an origin that failed is well again, where no reader does', async () => {
      for (const way of ['warmed', 'listed'] as const) {
        const list = async () => ['a']
        const { clock, load, origin } = buildOrigin((keys) => (isDown ? down() : echo(keys)), { list })
        let isDown = true
        for (const key of ['a', 'b', 'c']) await load(key)
        const ask = () =>
          way === 'warmed'
            ? load('x', {}, 'warm')
            : origin.list?.({ keyspace: 'product', tenant: '' }, { after: undefined, most: 1 }).catch((error) => error)
        isDown = false
        expect(await ask()).toMatchObject({ reason: 'ORIGIN_LIMIT' })
        await clock.advance(5_000)
        expect(await ask()).toEqual(way === 'warmed' ? 'value of x' : ['a'])
        expect(await load('y', {}, 'warm')).toBe('value of y')
      }
    })

    it('lists keys only where there is a place that nobody wants', async () => {
      const list = async (_scope: object, { after }: { readonly after: string | undefined }) => [`after ${after}`]
      const { clock, load, origin } = buildOrigin(() => undefined, { maxConcurrent: 2, list })
      const page = () => origin.list?.({ keyspace: 'product', tenant: '' }, { after: '7', most: 3 })
      expect(await page()).toEqual(['after 7'])
      const waiting = [load('a', { keyspace: 'one' }), load('b', { keyspace: 'two' })]
      await clock.advance(0)
      await expect(page()).rejects.toMatchObject({ reason: 'ORIGIN_LIMIT' })
      await clock.advance(1_000)
      await Promise.all(waiting)
      expect(buildOrigin().origin.list).toBeUndefined()
    })

    it('tells why keys could not be listed', async () => {
      const down = originUnavailable('catalog', 'is down')
      const { origin } = buildOrigin(echo, { list: () => Promise.reject(down) })
      await expect(origin.list?.({ keyspace: 'product', tenant: '' }, { after: undefined, most: 3 })).rejects.toBe(down)
      const { clock, origin: slow } = buildOrigin(echo, { list: () => new Promise(() => undefined) })
      const listing = slow.list?.({ keyspace: 'product', tenant: '' }, { after: undefined, most: 3 })
      const refused = expect(listing).rejects.toMatchObject({ message: 'origin catalog did not list its keys in time' })
      await clock.advance(1_000)
      await refused
    })

    it('refuses an audit unless the origin is well and has a place free', async () => {
      const busy = buildOrigin(() => undefined, { maxConcurrent: 1, maxWaiting: 1 })
      const loading = busy.load('a')
      await busy.clock.advance(0)
      const failing = buildOrigin(down)
      for (const key of ['a', 'b', 'c']) await failing.load(key)
      for (const { load, origin } of [busy, failing]) {
        const { rejected } = origin.stats()
        expect(await load('x', {}, 'audit')).toMatchObject({ reason: 'ORIGIN_LIMIT' })
        expect(origin.stats()).toMatchObject({ loads: { audit: 0 }, rejected: { ...rejected, yielded: 1 }, waiting: 0 })
      }
      const well = buildOrigin()
      expect(await well.load('x', {}, 'audit')).toBe('value of x')
      expect(well.origin.stats().loads.audit).toBe(1)
      await busy.clock.advance(1_000)
      await loading
    })

    it('says ORIGIN_UNAVAILABLE at once, and when to come back, while the breaker is open', async () => {
      const { adapter, load, origin } = buildOrigin(down)
      for (const key of ['a', 'b', 'c']) await load(key)
      expect(await load('d')).toMatchObject({
        reason: 'ORIGIN_UNAVAILABLE',
        message: 'origin catalog is failing and gets a pause',
        retryAfterMs: 5_000,
      })
      expect(adapter.queries).toHaveLength(3)
      expect(origin.stats().rejected.breaker).toBe(1)
    })
  })
})
