import { describe, expect, it } from 'vitest'
import { Batcher } from '../../src/flight/batcher.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setup(maxSize: number, run?: (items: readonly number[]) => Promise<readonly number[]>) {
  const runs: (readonly number[])[] = []
  const batcher = new Batcher<number, number>({
    clock: new ManualClock(),
    maxSize,
    run: async (items) => {
      runs.push(items)
      return run ? run(items) : items.map((item) => item * 10)
    },
  })
  return { batcher, runs }
}

describe('a batcher', () => {
  it('joins the calls of one tick and answers each its own', async () => {
    const { batcher, runs } = setup(100)
    expect(await Promise.all([1, 2, 3].map((item) => batcher.add(item)))).toEqual([10, 20, 30])
    expect(await batcher.add(4)).toBe(40)
    expect(runs).toEqual([[1, 2, 3], [4]])
  })

  it('makes as few runs as its size allows', async () => {
    const { batcher, runs } = setup(2)
    await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)))
    expect(runs).toEqual([[1, 2], [3, 4], [5]])
  })

  it('gives the failure of a run to those in it only', async () => {
    const { batcher } = setup(1, async (items) => {
      if (items.includes(2)) throw new Error('two')
      return items
    })
    const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)))
    expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('does not take a short answer for an answer', async () => {
    const { batcher } = setup(10, async () => [1])
    await expect(Promise.all([batcher.add(1), batcher.add(2)])).rejects.toThrow('1 results for 2 items')
  })
})
