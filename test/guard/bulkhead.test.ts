import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../../src/guard/bulkhead.ts'
import { ManualClock } from '../support/manual-clock.ts'

function build(maxConcurrent: number, maxWaiting: number) {
  const clock = new ManualClock()
  const limit = { current: maxConcurrent, typicalMs: undefined as number | undefined }
  return { clock, bulkhead: new Bulkhead({ maxWaiting }, { clock, limit }), limit }
}

describe('Bulkhead', () => {
  it('lets in at once as many as may run, and starts no timer for them', () => {
    const { bulkhead, clock } = build(2, 1)
    expect(bulkhead.enter(100)).toBe('entered')
    expect(bulkhead.enter(100)).toBe('entered')
    expect(bulkhead.running).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('refuses an arrival at once when as many wait as may', () => {
    const { bulkhead } = build(1, 1)
    expect(bulkhead.enter(100)).toBe('entered')
    expect(bulkhead.enter(100)).toBeInstanceOf(Promise)
    expect(bulkhead.enter(100)).toBe('limit')
    expect(bulkhead.waiting).toBe(1)
  })

  it('hands places on in the order of arrival', async () => {
    const { bulkhead } = build(1, 3)
    expect(bulkhead.enter(100)).toBe('entered')
    const order: number[] = []
    const waits = [1, 2, 3].map(async (name) => {
      await bulkhead.enter(100)
      order.push(name)
      bulkhead.leave()
    })
    bulkhead.leave()
    await Promise.all(waits)
    expect(order).toEqual([1, 2, 3])
    expect(bulkhead.running).toBe(0)
  })

  it('gives a place that is handed on to nobody else', async () => {
    const { bulkhead } = build(1, 1)
    expect(bulkhead.enter(100)).toBe('entered')
    const waiting = bulkhead.enter(100)
    bulkhead.leave()
    expect(bulkhead.running).toBe(1)
    expect(bulkhead.enter(100)).toBeInstanceOf(Promise)
    expect(await waiting).toBe('entered')
  })

  it('refuses a waiter at the moment of its deadline, and lets the next one move up', async () => {
    const { bulkhead, clock } = build(1, 2)
    expect(bulkhead.enter(1_000)).toBe('entered')
    const outcomes: string[] = []
    const short = Promise.resolve(bulkhead.enter(50)).then((admission) => outcomes.push(`short ${admission}`))
    const long = Promise.resolve(bulkhead.enter(500)).then((admission) => outcomes.push(`long ${admission}`))
    await clock.advance(49)
    expect(outcomes).toEqual([])
    await clock.advance(1)
    expect(outcomes).toEqual(['short deadline'])
    expect(bulkhead.waiting).toBe(1)
    bulkhead.leave()
    await Promise.all([short, long])
    expect(outcomes).toEqual(['short deadline', 'long entered'])
    expect(clock.pending).toBe(0)
  })

  it('refuses an arrival whose deadline has passed, though a place is free', () => {
    const { bulkhead } = build(1, 1)
    expect(bulkhead.enter(0)).toBe('deadline')
    expect(bulkhead.running).toBe(0)
  })

  it('hands no place on while more run than the limit has come to allow', async () => {
    const { bulkhead, limit } = build(2, 1)
    expect([bulkhead.enter(100), bulkhead.enter(100)]).toEqual(['entered', 'entered'])
    const waiting = bulkhead.enter(100)
    limit.current = 1
    bulkhead.leave()
    expect(bulkhead).toMatchObject({ running: 1, waiting: 1 })
    bulkhead.leave()
    expect(await waiting).toBe('entered')
    expect(bulkhead).toMatchObject({ running: 1, waiting: 0 })
  })

  it('lets in as many of those who wait as a raised limit allows', async () => {
    const { bulkhead, limit } = build(1, 3)
    expect(bulkhead.enter(100)).toBe('entered')
    const waits = [bulkhead.enter(100), bulkhead.enter(100), bulkhead.enter(100)]
    limit.current = 3
    bulkhead.admit()
    expect(await Promise.all(waits.slice(0, 2))).toEqual(['entered', 'entered'])
    expect(bulkhead).toMatchObject({ running: 3, waiting: 1 })
  })

  it('lets nobody wait where the queue has no length', () => {
    const { bulkhead } = build(1, 0)
    expect(bulkhead.enter(100)).toBe('entered')
    expect(bulkhead.enter(100)).toBe('limit')
  })
})
