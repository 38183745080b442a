import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

const soft = { softTtlMs: 30_000, boundMs: 100 }

describe('refreshing ahead of expiry', () => {
  it('serves the present value at once and refreshes it behind', async () => {
    const { clock, origin, get } = await cacheRig(soft)
    origin.rows.set('1', 'old')
    await get('1')
    await clock.advance(30_001)
    origin.rows.set('1', 'new')
    origin.holding = true
    expect(await get('1')).toMatchObject({ source: 'primary', degraded: false })
    expect(origin.held).toHaveLength(1)
    origin.letGo()
    await clock.advance(1_001)
    expect(textOf(await get('1'))).toBe('new')
    expect(origin.asks('refresh')).toBe(1)
  })

  it('is done by one sidecar of the fleet', async () => {
    const { clock, origin, get, sidecar } = await cacheRig(soft)
    origin.rows.set('1', 'one')
    await get('1')
    await clock.advance(30_001)
    origin.holding = true
    const others = [sidecar(), sidecar(), sidecar()]
    await Promise.all(others.map((other) => other.get('1')))
    await Promise.all(others.map((other) => other.get('1', { maxStalenessMs: 0 })))
    origin.letGo()
    await clock.advance(10)
    expect(origin.asks('refresh')).toBe(1)
    expect(others.map((other) => other.refresher.results.wasted).reduce((sum, one) => sum + one)).toBe(1)
  })

  it('does not bring a value back that was invalidated meanwhile', async () => {
    const { clock, origin, get, sidecar, refresher } = await cacheRig(soft)
    origin.rows.set('1', 'old')
    await get('1')
    await clock.advance(30_001)
    origin.holding = true
    await get('1')
    await clock.advance(0)
    await sidecar().invalidate('1')
    origin.rows.set('1', 'new')
    origin.letGo()
    await clock.advance(10)
    expect(refresher.results).toMatchObject({ overtaken: 1, stored: 0 })
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('new')
  })

  it('leaves the present value when the origin fails', async () => {
    const { clock, origin, get, refresher } = await cacheRig(soft)
    origin.rows.set('1', 'one')
    await get('1')
    await clock.advance(30_001)
    origin.failure = new RingsideError('ORIGIN_LIMIT', 'the test says so')
    expect(textOf(await get('1'))).toBe('one')
    await clock.advance(1_000)
    expect(refresher.results.failed).toBe(1)
    expect(textOf(await get('1'))).toBe('one')
  })

  it('happens though the near cache could answer for longer', async () => {
    const { clock, origin, get } = await cacheRig({ ...soft, consistency: 'tolerant', boundMs: 60_000 })
    origin.rows.set('1', 'old')
    await get('1')
    await clock.advance(30_001)
    origin.rows.set('1', 'new')
    await get('1')
    await clock.advance(10)
    expect(textOf(await get('1'))).toBe('new')
    expect(origin.asks('miss')).toBe(1)
  })
})
