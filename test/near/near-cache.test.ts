import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { entryBytes } from '../../src/near/entry-cost.ts'
import type { NearCache } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

function openCache(policy: NearPolicy, options: { maxBytes?: number; negativeShare?: number } = {}) {
  const clock = new ManualClock()
  return { clock, cache: createNearCache({ maxBytes: 100_000, policy, ...options }, clock) }
}

/** What a negative entry with a short key takes of the share of the negatives. */
const NEGATIVE_BYTES = 128

const textUnder = (cache: NearCache, key: string) => cache.get(key)?.value.toString()

describe.each(NEAR_POLICIES)('a near cache that evicts by %s', (policy) => {
  it('answers what was put, whole', () => {
    const { cache } = openCache(policy)
    const entry = nearEntry({ value: 'milk', version: 7, asOf: 1.5, loadedAt: 0.5, freshUntil: 10, expiresAt: 20 })
    cache.put('product:1', entry)
    expect({ ...cache.get('product:1') }).toEqual(entry)
  })

  it('knows nothing of a key that was never put', () => {
    const { cache } = openCache(policy)
    expect(cache.get('product:1')).toBeUndefined()
  })

  it('copies values in, out of the buffer that they are a view of', () => {
    const { cache } = openCache(policy)
    const message = Buffer.alloc(65_536, 'a')
    cache.put('product:1', nearEntry({ value: message.subarray(10, 14) }))
    message.fill('b')
    const value = cache.get('product:1')!.value
    expect(value.toString()).toBe('aaaa')
    expect(value.buffer.byteLength).toBeLessThan(65_536)
  })

  it('leaves an entry that a reader holds as it was when another is put over it', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ value: 'old', version: 1 }))
    const held = cache.get('product:1')!
    cache.put('product:1', nearEntry({ value: 'new', version: 2 }))
    expect(held.value.toString()).toBe('old')
    expect(held.version).toBe(1)
  })

  it('answers an entry up to its expiry and removes it afterwards', async () => {
    const { cache, clock } = openCache(policy)
    cache.put('product:1', nearEntry({ freshUntil: 10, expiresAt: 20 }))
    await clock.advance(20)
    expect(cache.get('product:1')).toBeDefined()
    await clock.advance(1)
    expect(cache.get('product:1')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ entries: 0, evictions: { expired: 1 } })
  })

  it('keeps the larger version, whichever is put last', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ value: 'first', version: 5 }))
    cache.put('product:1', nearEntry({ value: 'older', version: 4 }))
    expect(textUnder(cache, 'product:1')).toBe('first')
    cache.put('product:1', nearEntry({ value: 'newer', version: 6 }))
    expect(textUnder(cache, 'product:1')).toBe('newer')
    expect(cache.stats().evictions).toMatchObject({ rejected: 1, replaced: 1 })
  })

  it('keeps the later as-of of one version', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ asOf: 50 }))
    cache.put('product:1', nearEntry({ asOf: 40 }))
    expect(cache.get('product:1')!.asOf).toBe(50)
    cache.put('product:1', nearEntry({ asOf: 60 }))
    expect(cache.get('product:1')!.asOf).toBe(60)
  })

  it('goes by as-of where either entry is without a version', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ value: 'stored', version: 6, asOf: 50 }))
    cache.put('product:1', nearEntry({ value: 'earlier', version: 0, asOf: 40 }))
    expect(textUnder(cache, 'product:1')).toBe('stored')
    cache.put('product:1', nearEntry({ value: 'later', version: 0, asOf: 60 }))
    expect(textUnder(cache, 'product:1')).toBe('later')
    cache.put('product:1', nearEntry({ value: 'behind', version: 7, asOf: 55 }))
    expect(textUnder(cache, 'product:1')).toBe('later')
    cache.put('product:1', nearEntry({ value: 'ahead', version: 7, asOf: 70 }))
    expect(textUnder(cache, 'product:1')).toBe('ahead')
  })

  it('takes an older version once the newer one has expired', async () => {
    const { cache, clock } = openCache(policy)
    cache.put('product:1', nearEntry({ value: 'newer', version: 6, expiresAt: 20 }))
    await clock.advance(21)
    cache.put('product:1', nearEntry({ value: 'older', version: 5 }))
    expect(textUnder(cache, 'product:1')).toBe('older')
  })

  it('forgets a dropped key, whatever version is put next', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ version: 6 }))
    cache.drop('product:1')
    cache.drop('product:2')
    expect(cache.get('product:1')).toBeUndefined()
    cache.put('product:1', nearEntry({ value: 'again', version: 5 }))
    expect(textUnder(cache, 'product:1')).toBe('again')
    expect(cache.stats().evictions.dropped).toBe(1)
  })

  it('does not take an entry that has expired already, nor keeps the older one under it', async () => {
    const { cache, clock } = openCache(policy)
    cache.put('product:1', nearEntry({ version: 1 }))
    await clock.advance(30)
    cache.put('product:1', nearEntry({ version: 2, expiresAt: 20 }))
    expect(cache.get('product:1')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ entries: 0, evictions: { expired: 1, replaced: 1 } })
  })

  it('rejects an entry larger than the whole cache, and what stood under its key is gone', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ version: 1 }))
    cache.put('product:2', nearEntry())
    cache.put('product:1', nearEntry({ version: 2, value: Buffer.alloc(100_000) }))
    expect(cache.get('product:1')).toBeUndefined()
    expect(cache.get('product:2')).toBeDefined()
    expect(cache.stats()).toMatchObject({ entries: 1, evictions: { rejected: 1, replaced: 1, size: 0 } })
  })

  it('keeps within its bytes after every put, and makes good use of them', () => {
    const { cache } = openCache(policy)
    for (let product = 0; product < 500; product += 1) {
      cache.put(`product:${product}`, nearEntry({ value: Buffer.alloc((product * 37) % 900) }))
      expect(cache.stats().bytes).toBeLessThanOrEqual(100_000)
    }
    expect(cache.stats().bytes).toBeGreaterThan(97_000)
    expect(cache.stats().entries + cache.stats().evictions.size).toBe(500)
  })

  it('has room for about as many entries as their cost allows, and for no fewer when others come', () => {
    const cost = entryBytes('product:1000', nearEntry())
    const { cache } = openCache(policy, { maxBytes: 1_000 * cost })
    for (let product = 1_000; product < 4_000; product += 1) cache.put(`product:${product}`, nearEntry())
    const { entries } = cache.stats()
    expect(entries).toBeGreaterThan(980)
    expect(entries).toBeLessThan(1_050)
    for (let product = 4_000; product < 6_000; product += 1) cache.put(`product:${product}`, nearEntry())
    expect(cache.stats().entries).toBe(entries)
    expect(cache.get('product:5999')).toBeDefined()
  })

  it('gives what a large value took to the small ones that come after it', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry({ version: 1, value: Buffer.alloc(80_000) }))
    cache.put('product:1', nearEntry({ version: 2, value: 'small' }))
    for (let product = 2; product < 600; product += 1) cache.put(`product:${product}`, nearEntry())
    expect(cache.stats()).toMatchObject({ entries: 599, evictions: { size: 0 } })
  })

  it('lets others make room for a value that grows, even if it was the next to go', () => {
    const { cache } = openCache(policy)
    for (let product = 0; product < 200; product += 1) {
      cache.put(`product:${product}`, nearEntry({ expiresAt: 9_000 + product, value: Buffer.alloc(300) }))
    }
    const next = 200 - cache.stats().entries
    for (const product of [next, next + 50, 199]) {
      const grown = nearEntry({ value: Buffer.alloc(5_000), version: 2, expiresAt: 8_000 - product })
      cache.put(`product:${product}`, grown)
      expect(cache.get(`product:${product}`)?.value.length).toBe(5_000)
      expect(cache.stats().bytes).toBeLessThanOrEqual(100_000)
    }
  })

  it('gives negative entries at most their share, oldest out first', () => {
    const { cache } = openCache(policy, { maxBytes: 12_800, negativeShare: (10 * NEGATIVE_BYTES) / 12_800 })
    cache.put('product:1', nearEntry())
    for (let missing = 10; missing < 20; missing += 1) cache.put(`missing:${missing}`, nearEntry({ kind: 'negative' }))
    expect(cache.stats().entries).toBe(11)
    cache.put('missing:10', nearEntry({ kind: 'negative', version: 2 }))
    cache.put('missing:20', nearEntry({ kind: 'negative' }))
    expect(cache.get('missing:10')).toMatchObject({ kind: 'negative' })
    expect(cache.get('missing:11')).toBeUndefined()
    expect(cache.get('product:1')).toBeDefined()
    expect(cache.stats()).toMatchObject({ entries: 11, evictions: { 'negative-share': 1, size: 0 } })
  })

  it('frees the share of a negative entry that became a value, and charges that of a value that became negative', () => {
    const { cache } = openCache(policy, { maxBytes: 12_800, negativeShare: (2 * NEGATIVE_BYTES) / 12_800 })
    cache.put('product:10', nearEntry({ kind: 'negative', version: 1 }))
    cache.put('product:11', nearEntry({ kind: 'negative', version: 1 }))
    cache.put('product:10', nearEntry({ version: 2 }))
    cache.put('product:12', nearEntry({ kind: 'negative', version: 1 }))
    expect(cache.stats()).toMatchObject({ entries: 3, evictions: { 'negative-share': 0 } })
    cache.put('product:10', nearEntry({ kind: 'negative', version: 3 }))
    expect(cache.get('product:11')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ entries: 2, evictions: { 'negative-share': 1 } })
  })

  it('takes no negative entry that alone exceeds the share', () => {
    const { cache } = openCache(policy, { negativeShare: 0 })
    cache.put('product:1', nearEntry({ version: 1 }))
    cache.put('product:1', nearEntry({ version: 2, kind: 'negative' }))
    expect(cache.get('product:1')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ entries: 0, evictions: { 'negative-share': 1, replaced: 1 } })
  })

  it('keeps negatives to five percent unless told otherwise', () => {
    const { cache } = openCache(policy)
    for (let missing = 0; missing < 100; missing += 1) cache.put(`missing:${missing}`, nearEntry({ kind: 'negative' }))
    expect(cache.stats().entries).toBe(Math.floor(5_000 / NEGATIVE_BYTES))
  })

  it('counts hits and misses', () => {
    const { cache } = openCache(policy)
    cache.put('product:1', nearEntry())
    cache.get('product:1')
    cache.get('product:1')
    cache.get('product:2')
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 1 })
  })

  it('is empty after a clear, and works on', () => {
    const { cache } = openCache(policy)
    for (let product = 0; product < 300; product += 1) cache.put(`product:${product}`, nearEntry())
    cache.put('missing:1', nearEntry({ kind: 'negative' }))
    cache.clear()
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
    expect(cache.get('product:299')).toBeUndefined()
    for (let product = 0; product < 300; product += 1) cache.put(`product:${product}`, nearEntry())
    expect(cache.get('product:299')).toBeDefined()
    expect(cache.stats().bytes).toBeLessThanOrEqual(100_000)
  })
})

describe('a near cache of hardly any bytes', () => {
  it.each(NEAR_POLICIES.flatMap((policy) => [1, 64, 500, 1_000].map((maxBytes) => ({ policy, maxBytes }))))(
    'keeps within $maxBytes, by $policy',
    ({ policy, maxBytes }) => {
      const { cache } = openCache(policy, { maxBytes })
      for (let product = 0; product < 50; product += 1) cache.put(`product:${product}`, nearEntry())
      expect(cache.stats().bytes).toBeLessThanOrEqual(maxBytes)
      expect(cache.stats().entries).toBeLessThan(maxBytes / 100)
    },
  )
})

describe('a near cache of no bytes', () => {
  it.each(NEAR_POLICIES)('keeps nothing, by %s', (policy) => {
    const { cache } = openCache(policy, { maxBytes: 0 })
    cache.put('product:1', nearEntry())
    expect(cache.get('product:1')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ bytes: 0, limitBytes: 0, entries: 0, misses: 1, evictions: { rejected: 0 } })
  })
})
