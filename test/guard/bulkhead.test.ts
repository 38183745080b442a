import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../../src/guard/bulkhead.ts'
import { ManualClock } from '../support/manual-clock.ts'

function build(maxConcurrent: number, maxWaiting: number) {
  const clock = new ManualClock()
  return { clock, bulkhead: new Bulkhead({ maxConcurrent, maxWaiting }, clock) }
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

  it('lets nobody wait where the queue has no length', () => {
    const { bulkhead } = build(1, 0)
    expect(bulkhead.enter(100)).toBe('entered')
    expect(bulkhead.enter(100)).toBe('limit')
  })
})
