import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

const entry = nearEntry({ value: Buffer.alloc(100) })

function openFullCache(policy: NearPolicy) {
  const cache = createNearCache({ maxBytes: 100_000, policy }, new ManualClock())
  for (let product = 0; product < 600; product += 1) cache.put(`product:${product}`, entry)
  return cache
}

describe('whether a near cache wants a key', () => {
  it.each(NEAR_POLICIES)('is true of any while there is room, by %s', (policy) => {
    const cache = createNearCache({ maxBytes: 100_000, policy }, new ManualClock())
    expect(cache.wants('product:1')).toBe(true)
    for (let product = 0; product < 300; product += 1) cache.put(`product:${product}`, entry)
    expect(cache.wants('product:1000')).toBe(true)
  })

  it('is true by frequency, when room is short, of what is resident or left lately, and of nothing else', () => {
    const cache = openFullCache('frequency')
    expect(cache.stats().evictions.size).toBeGreaterThan(0)
    const [left] = Array.from({ length: 600 }, (_, at) => at).filter((at) => cache.peek(`product:${at}`) === undefined)
    expect(cache.wants('product:599')).toBe(true)
    expect(cache.wants(`product:${left}`)).toBe(true)
    expect(cache.wants('product:9999')).toBe(false)
  })

  it('does not use up what the policy remembers', () => {
    const cache = openFullCache('frequency')
    const [left] = Array.from({ length: 600 }, (_, at) => at).filter((at) => cache.peek(`product:${at}`) === undefined)
    for (let asked = 0; asked < 3; asked += 1) expect(cache.wants(`product:${left}`)).toBe(true)
    cache.put(`product:${left}`, entry)
    for (let product = 1_000; product < 1_600; product += 1) cache.put(`product:${product}`, entry)
    expect(cache.get(`product:${left}`)).toBeDefined()
  })

  it.each(['lru', 'ttl'] as const)('is true of any by %s, which keeps what comes', (policy) => {
    expect(openFullCache(policy).wants('product:9999')).toBe(true)
  })

  it.each(NEAR_POLICIES)('is false where nothing is kept, by %s', (policy) => {
    expect(createNearCache({ maxBytes: 0, policy }, new ManualClock()).wants('product:1')).toBe(false)
  })
})

describe('a peek', () => {
  it.each(NEAR_POLICIES)('is neither hit nor miss, and no use to the policy, by %s', (policy) => {
    const cache = openFullCache(policy)
    const before = cache.stats()
    const [oldest] = Array.from({ length: 600 }, (_, at) => at).filter(
      (at) => cache.peek(`product:${at}`) !== undefined,
    )
    for (let peeked = 0; peeked < 5; peeked += 1) expect(cache.peek(`product:${oldest}`)).toBeDefined()
    expect(cache.peek('product:9999')).toBeUndefined()
    expect(cache.stats()).toEqual(before)
    for (let product = 1_000; product < 1_600; product += 1)
      cache.put(`product:${product}`, { ...entry, expiresAt: 4e6 })
    expect(cache.peek(`product:${oldest}`)).toBeUndefined()
  })

  it('does not answer what has expired', async () => {
    const clock = new ManualClock()
    const cache = createNearCache({ maxBytes: 100_000, policy: 'frequency' }, clock)
    cache.put('product:1', nearEntry({ freshUntil: 10, expiresAt: 20 }))
    await clock.advance(21)
    expect(cache.peek('product:1')).toBeUndefined()
  })
})
