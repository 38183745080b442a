import { describe, expect, it } from 'vitest'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { roomFor } from './room-for.ts'

function openCache() {
  const clock = new ManualClock()
  const cache = createNearCache({ maxBytes: roomFor(3, nearEntry(), 'lru'), policy: 'lru' }, clock)
  for (const key of ['a', 'b', 'c']) cache.put(key, nearEntry())
  const resident = () => ['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key) !== undefined)
  return { cache, resident }
}

describe('LRU', () => {
  it('evicts what was read longest ago', () => {
    const { cache, resident } = openCache()
    cache.get('a')
    cache.put('d', nearEntry())
    expect(resident()).toEqual(['a', 'c', 'd'])
  })

  it('counts a put over an entry as a use', () => {
    const { cache, resident } = openCache()
    cache.put('a', nearEntry({ version: 2 }))
    cache.put('d', nearEntry())
    cache.put('e', nearEntry())
    expect(resident()).toEqual(['a', 'd', 'e'])
  })

  it('keeps its order when entries in the middle are dropped', () => {
    const { cache, resident } = openCache()
    cache.drop('b')
    cache.put('d', nearEntry())
    cache.put('e', nearEntry())
    expect(resident()).toEqual(['c', 'd', 'e'])
  })
})
