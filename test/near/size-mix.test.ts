import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import type { NearCache } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

const MAX_BYTES = 1 << 20

let puts = 0

/** Later entries expire later, so that by whatever policy the earlier ones are the first to go. */
function churn(cache: NearCache, name: string, valueBytes: number, count: number): void {
  let most = 0
  for (let number = 0; number < count; number += 1) {
    puts += 1
    const expiresAt = 4_000_000 + puts
    const value = Buffer.alloc(valueBytes, number)
    cache.put(`${name}:${number}`, nearEntry({ value, expiresAt, version: 0, asOf: expiresAt }))
    most = Math.max(most, cache.stats().bytes)
  }
  expect(most).toBeLessThanOrEqual(MAX_BYTES)
}

/** The bytes of the values that are resident, each of which must be whole. */
function residentBytes(cache: NearCache, name: string, valueBytes: number, count: number): number {
  let bytes = 0
  for (let number = 0; number < count; number += 1) {
    const found = cache.peek(`${name}:${number}`)
    if (found === undefined) continue
    expect(found.value.equals(Buffer.alloc(valueBytes, number))).toBe(true)
    bytes += valueBytes
  }
  return bytes
}

describe.each(NEAR_POLICIES)('when the sizes of values change, a near cache that evicts by %s', (policy) => {
  const openCache = () => createNearCache({ maxBytes: MAX_BYTES, policy }, new ManualClock())

  it('gives the memory of small values to large ones', () => {
    const cache = openCache()
    churn(cache, 'small', 100, 8_000)
    // Again and again, as by frequency a value of forty times the mean size isn't let in at first sight.
    for (let time = 0; time < 8; time += 1) churn(cache, 'large', 10_240, 72)
    expect(residentBytes(cache, 'large', 10_240, 72)).toBeGreaterThan(0.7 * MAX_BYTES)
  })

  it('gives the memory of large values to small ones and their tables', () => {
    const cache = openCache()
    churn(cache, 'large', 10_240, 500)
    churn(cache, 'small', 100, 16_000)
    const small = residentBytes(cache, 'small', 100, 16_000)
    // Of 256 bytes that a small one takes, 100 are its value.
    expect(small).toBeGreaterThan(0.33 * MAX_BYTES)
  })

  it('keeps values larger than its largest block', () => {
    const cache = openCache()
    churn(cache, 'small', 100, 8_000)
    for (let time = 0; time < 2; time += 1) cache.put('huge', nearEntry({ value: Buffer.alloc(250_000, 'h') }))
    expect(cache.get('huge')?.value.equals(Buffer.alloc(250_000, 'h'))).toBe(true)
  })
})
