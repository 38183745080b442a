import { describe, expect, it } from 'vitest'
import { ShardLoad } from './shard-load.ts'

const samples = (shard: string, gets: readonly number[], copies: readonly number[] = []) =>
  gets.map((count, index) => ({ at: index * 1_000, shard, gets: count, copies: copies[index] ?? 0 }))

describe('the load of shards', () => {
  const load = new ShardLoad({
    shards: [...samples('a', [0, 700, 1_400, 1_500], [0, 2, 1, 0]), ...samples('b', [50, 150, 250, 350], [0, 0, 1, 0])],
  })

  it('is what came between two moments, evenly between two samples', () => {
    expect(load.gets('a', 1_000, 2_000)).toBe(700)
    expect(load.gets('a', 500, 2_500)).toBe(1_100)
  })

  it('is unknown before the first sample and after the last', () => {
    expect(load.gets('a', -500, 1_000)).toBeUndefined()
    expect(load.gets('a', 2_000, 3_500)).toBeUndefined()
    expect(load.busiest(2_500, 3_500)).toBeUndefined()
  })

  it('tells the busiest shard, its share and how that compares with the mean', () => {
    expect(load.busiest(1_000, 2_000)).toEqual({ shard: 'a', share: 0.875, times: 1.75 })
    expect(load.busiest(2_000, 3_000)).toMatchObject({ share: 0.5, times: 1 })
  })

  it('tells how many copies lay on all of them, and when the last was seen', () => {
    expect([load.copies(999), load.copies(1_500), load.copies(2_000)]).toEqual([0, 2, 2])
    expect(load.copiedUntil).toBe(2_000)
  })
})
