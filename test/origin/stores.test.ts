import { describe, expect, it } from 'vitest'
import type { RingsideError } from '../../src/base/errors.ts'
import type { OriginChange } from '../../src/origin/origin.ts'
import { changesCollided, changesRefused, originUnavailable, withOutcome } from '../../src/origin/origin-error.ts'
import { buildOrigin, range } from './scripted-adapter.ts'

const SCOPE = { keyspace: 'product', tenant: 'acme' }
const CHANGES: readonly OriginChange[] = [
  { key: 'a', version: 3, value: Buffer.from('one') },
  { key: 'b', version: 0, deleted: true },
]

function rig(...options: Parameters<typeof buildOrigin>) {
  const built = buildOrigin(...options)
  const { adapter, origin, clock } = built
  adapter.canStore()
  const store = (deadlineAt = clock.now() + 1_000, changes = CHANGES) =>
    origin.store(SCOPE, changes, { deadlineAt }).then(
      () => 'stored',
      (error: RingsideError) => ({ reason: error.reason, outcome: error.metadata.outcome }),
    )
  return { ...built, store }
}

describe('storing at an origin', () => {
  it('hands over the changes as they are, in one call', async () => {
    const { adapter, origin, clock, store } = rig()
    expect(origin.canStore).toBe(true)
    const stored = store()
    await clock.advance(0)
    expect(adapter.stores).toMatchObject([{ scope: SCOPE, changes: CHANGES }])
    adapter.stores[0]?.answer.resolve()
    expect(await stored).toBe('stored')
    expect(origin.stats()).toMatchObject({ stores: { stored: 2, refused: 0, unchanged: 0, unknown: 0 }, inFlight: 0 })
  })

  it('is refused where the origin cannot be changed', async () => {
    const { origin } = buildOrigin()
    expect(origin.canStore).toBe(false)
    const error = await origin.store(SCOPE, CHANGES, { deadlineAt: 1_000 }).catch((error: unknown) => error)
    expect(error).toMatchObject({ reason: 'WRITE_REFUSED', metadata: { outcome: 'unchanged' } })
  })

  it.each([
    ['a change that is wrong', changesRefused('catalog', 'refuses it'), 'WRITE_REFUSED', 'unchanged', 'refused'],
    ['a collision', changesCollided('catalog', new Error()), 'ORIGIN_UNAVAILABLE', 'unchanged', 'unchanged'],
    [
      'a failure that has undone everything',
      withOutcome(originUnavailable('catalog', 'failed'), 'unchanged'),
      'ORIGIN_UNAVAILABLE',
      'unchanged',
      'unchanged',
    ],
    ['any other failure', originUnavailable('catalog', 'failed'), 'ORIGIN_UNAVAILABLE', 'unknown', 'unknown'],
    ['a bug', new TypeError('x'), 'INTERNAL', 'unknown', 'unknown'],
  ])('says of %s what is known of the outcome', async (_what, failure, reason, outcome, counted) => {
    const { adapter, origin, clock, store } = rig()
    const stored = store()
    await clock.advance(0)
    adapter.stores[0]?.answer.reject(failure)
    expect(await stored).toEqual({ reason, outcome })
    expect(origin.stats().stores).toMatchObject({ [counted]: 2 })
    expect(adapter.stores).toHaveLength(1)
  })

  it('does not know the outcome of what has not answered in time', async () => {
    const { adapter, clock, store, origin } = rig()
    const stored = store(500)
    await clock.advance(500)
    expect(await stored).toEqual({ reason: 'ORIGIN_UNAVAILABLE', outcome: 'unknown' })
    expect(adapter.stores[0]?.context.signal.aborted).toBe(true)
    // It may still be under way there.
    expect(origin.stats().inFlight).toBe(1)
  })

  it('knows that nothing was changed by what found no place in time, or too many before it', async () => {
    const { adapter, clock, store, origin } = rig(undefined, { maxConcurrent: 1, maxWaiting: 1 })
    const first = store(1_000)
    await clock.advance(0)
    const second = store(500)
    await clock.advance(0)
    expect(await store(500)).toEqual({ reason: 'ORIGIN_LIMIT', outcome: 'unchanged' })
    await clock.advance(500)
    expect(await second).toEqual({ reason: 'ORIGIN_LIMIT', outcome: 'unchanged' })
    adapter.stores[0]?.answer.resolve()
    expect(await first).toBe('stored')
    expect(adapter.stores).toHaveLength(1)
    expect(origin.stats()).toMatchObject({ rejected: { limit: 1, deadline: 1 }, stores: { unchanged: 4 } })
  })

  it('opens the breaker by failures, not by changes that are wrong or collide', async () => {
    const { adapter, breaker, clock, store } = rig(undefined, { consecutiveFailures: 3 })
    const fail = async (failure: unknown) => {
      const stored = store()
      await clock.advance(0)
      adapter.stores.at(-1)?.answer.reject(failure)
      return stored
    }
    for (const _ of range(0, 10)) await fail(changesRefused('catalog', 'refuses it'))
    for (const _ of range(0, 10)) await fail(changesCollided('catalog', new Error()))
    expect(breaker.state()).toBe('closed')
    for (const _ of range(0, 3)) await fail(originUnavailable('catalog', 'failed'))
    expect(breaker.state()).toBe('open')
    expect(await store()).toEqual({ reason: 'ORIGIN_UNAVAILABLE', outcome: 'unchanged' })
  })

  it('takes at most half of the places, so that loads have theirs', async () => {
    const { adapter, clock, store, load } = rig(() => undefined, { maxConcurrent: 4 })
    const stores = range(0, 4).map(() => store())
    await clock.advance(0)
    expect(adapter.stores).toHaveLength(2)
    const loads = [load('a', { tenant: 'x' }), load('b', { tenant: 'y' })]
    await clock.advance(0)
    expect(adapter.queries).toHaveLength(2)
    for (const at of [0, 1, 2, 3]) {
      adapter.stores[at]?.answer.resolve()
      await clock.advance(0)
    }
    expect(await Promise.all(stores)).toEqual(['stored', 'stored', 'stored', 'stored'])
    for (const { answer } of adapter.queries) answer.resolve(new Map())
    await Promise.all(loads)
  })

  it('takes turns with loads where there is one place for all', async () => {
    const { adapter, clock, store, load } = rig(() => undefined, { maxConcurrent: 1 })
    const stores = [store(), store()]
    await clock.advance(0)
    const loads = [load('a', { tenant: 'x' }), load('b', { tenant: 'y' })]
    await clock.advance(0)
    adapter.stores[0]?.answer.resolve()
    await clock.advance(0)
    expect([adapter.stores.length, adapter.queries.length]).toEqual([1, 1])
    adapter.queries[0]?.answer.resolve(new Map())
    await clock.advance(0)
    expect([adapter.stores.length, adapter.queries.length]).toEqual([2, 1])
    adapter.stores[1]?.answer.resolve()
    await clock.advance(0)
    adapter.queries[1]?.answer.resolve(new Map())
    await Promise.all([...stores, ...loads])
  })

  it('counts what waits in what this sidecar wants of the origin', async () => {
    const { clock, store, origin } = rig(undefined, { maxConcurrent: 10 })
    const stores = range(0, 7).map(() => store(100))
    await clock.advance(0)
    expect(origin.demand()).toEqual({ running: 5, wanted: 7 })
    await clock.advance(100)
    await Promise.all(stores)
  })
})
