import { describe, expect, it } from 'vitest'
import { Expiries } from '../../src/guard/expiries.ts'
import { ManualClock } from '../support/manual-clock.ts'

function build() {
  const clock = new ManualClock()
  const due: [string, number][] = []
  return { clock, due, expiries: new Expiries<string>(clock, (item) => due.push([item, clock.now()])) }
}

describe('Expiries', () => {
  it('remind of items at their moments, never early and at most ten milliseconds late, with one timer for those that are close', async () => {
    const { clock, due, expiries } = build()
    expiries.add('a', 41)
    expiries.add('b', 50)
    expiries.add('c', 120)
    expect(clock.pending).toBe(2)
    await clock.advance(1_000)
    expect(due).toEqual([
      ['a', 50],
      ['b', 50],
      ['c', 120],
    ])
    expect(clock.pending).toBe(0)
  })

  it('forget what is deleted, and keep no timer for nothing', async () => {
    const { clock, due, expiries } = build()
    expiries.add('a', 41)
    expiries.add('b', 50)
    expiries.delete('a')
    expect(clock.pending).toBe(1)
    expiries.delete('b')
    expiries.delete('b')
    expect(clock.pending).toBe(0)
    await clock.advance(1_000)
    expect(due).toEqual([])
  })

  it('take an item again that has been due', async () => {
    const clock = new ManualClock()
    const due: number[] = []
    const expiries = new Expiries<string>(clock, (item) => {
      due.push(clock.now())
      if (due.length < 3) expiries.add(item, clock.now() + 20)
    })
    expiries.add('a', 10)
    await clock.advance(1_000)
    expect(due).toEqual([10, 30, 50])
  })
})
