import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES, type NearPolicy } from '../../src/near/create-near-cache.ts'
import type { NearCache } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

const MAX_BYTES = 100_000

function openCache(policy: NearPolicy, maxShares: readonly number[]) {
  return createNearCache({ maxBytes: MAX_BYTES, policy, maxShares }, new ManualClock())
}

const memberOf = (group: number, valueBytes = 400, version = 1) =>
  nearEntry({ value: Buffer.alloc(valueBytes), version, group })

function residentBytes(cache: NearCache, name: string, count: number): number {
  let bytes = 0
  for (let number = 0; number < count; number += 1) bytes += cache.peek(`${name}:${number}`)?.value.length ?? 0
  return bytes
}

describe.each(NEAR_POLICIES)('the shares of groups in a near cache that evicts by %s', (policy) => {
  it('let a group have no more than its own, and leave the others alone', () => {
    const cache = openCache(policy, [0.2, 0.5])
    for (let number = 0; number < 50; number += 1) cache.put(`calm:${number}`, memberOf(1))
    for (let number = 0; number < 500; number += 1) {
      cache.put(`busy:${number}`, memberOf(0))
      expect(residentBytes(cache, 'busy', 500)).toBeLessThanOrEqual(0.2 * MAX_BYTES)
    }
    expect(residentBytes(cache, 'busy', 500)).toBeGreaterThan(0.14 * MAX_BYTES)
    expect(residentBytes(cache, 'calm', 50)).toBe(50 * 400)
    expect(cache.get('busy:499')).toBeDefined()
  })

  it('keep what is read of a group that evicts its own', () => {
    const cache = openCache(policy, [0.2])
    for (let number = 0; number < 500; number += 1) {
      cache.put(`busy:${number}`, memberOf(0))
      cache.get('busy:0')
    }
    expect(cache.get('busy:0')).toBeDefined()
    expect(cache.get('busy:1')).toBeUndefined()
  })

  it('refuse an entry larger than the share of its group, and what stood under its key is gone', () => {
    const cache = openCache(policy, [0.2])
    cache.put('busy:0', memberOf(0))
    cache.put('busy:1', memberOf(0))
    cache.put('busy:0', memberOf(0, 21_000, 2))
    expect(cache.get('busy:0')).toBeUndefined()
    expect(cache.get('busy:1')).toBeDefined()
    expect(cache.stats().evictions).toMatchObject({ rejected: 1, replaced: 1, size: 0 })
  })

  it('take nothing from a group beyond the list, nor from an entry of none', () => {
    const cache = openCache(policy, [0])
    for (let number = 0; number < 100; number += 1) cache.put(`free:${number}`, memberOf(7))
    for (let number = 0; number < 50; number += 1) {
      cache.put(`none:${number}`, nearEntry({ value: Buffer.alloc(400) }))
    }
    expect(cache.stats()).toMatchObject({ entries: 150, evictions: { rejected: 0, size: 0 } })
  })

  it('are freed by what leaves, in whatever way', () => {
    const cache = openCache(policy, [0.2])
    for (let number = 0; number < 30; number += 1) cache.put(`busy:${number}`, memberOf(0))
    for (let number = 0; number < 10; number += 1) cache.drop(`busy:${number}`)
    for (let number = 10; number < 20; number += 1) {
      cache.put(`busy:${number}`, nearEntry({ value: Buffer.alloc(400), version: 2 }))
    }
    for (let number = 100; number < 120; number += 1) cache.put(`busy:${number}`, memberOf(0))
    expect(cache.stats()).toMatchObject({ entries: 40, evictions: { size: 0, dropped: 10, replaced: 10 } })
    cache.clear()
    for (let number = 0; number < 30; number += 1) cache.put(`busy:${number}`, memberOf(0))
    expect(cache.stats()).toMatchObject({ entries: 30, evictions: { size: 0 } })
  })
})
