import { beforeEach, describe, expect, it } from 'vitest'
import { HotList } from '../../src/hotkey/hot-list.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('the hot list', () => {
  let clock: ManualClock
  let hot: HotList
  beforeEach(() => {
    clock = new ManualClock()
    hot = new HotList(clock)
  })

  it('says how many copies a key has, and none of keys that it does not know', () => {
    hot.hear('a', [{ key: 'x', copies: 3 }])
    expect([hot.copies('x'), hot.copies('y')]).toEqual([3, 0])
  })

  it('takes each word of a shard for the whole of what that shard has to say', () => {
    hot.hear('a', [
      { key: 'x', copies: 3 },
      { key: 'y', copies: 1 },
    ])
    hot.hear('b', [{ key: 'z', copies: 2 }])
    hot.hear('a', [{ key: 'y', copies: 2 }])
    expect([hot.copies('x'), hot.copies('y'), hot.copies('z')]).toEqual([0, 2, 2])
    expect(hot.size).toBe(2)
  })

  it('remembers for as long as copies may live how many a key had', async () => {
    hot.hear('a', [{ key: 'x', copies: 3 }])
    hot.hear('a', [{ key: 'x', copies: 1 }])
    await clock.advance(6_000)
    hot.hear('a', [])
    expect([hot.copies('x'), hot.recentCopies('x')]).toEqual([0, 3])
    await clock.advance(9_999)
    expect(hot.recentCopies('x')).toBe(3)
    await clock.advance(1)
    expect(hot.recentCopies('x')).toBe(0)
  })

  it('forgets a smaller number no sooner than a larger one that was left before', async () => {
    hot.hear('a', [{ key: 'x', copies: 1 }])
    hot.hear('a', [])
    await clock.advance(5_000)
    hot.hear('a', [{ key: 'x', copies: 2 }])
    expect([hot.copies('x'), hot.recentCopies('x')]).toEqual([2, 2])
  })
})
