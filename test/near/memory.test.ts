import v8 from 'node:v8'
import vm from 'node:vm'
import { beforeAll, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import type { NearCache, NearEntry } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'

const MAX_BYTES = 8 * 1024 * 1024
const NOISE_BYTES = 10_000

v8.setFlagsFromString('--expose-gc')
const collect: () => void = vm.runInNewContext('gc')

/** What is in use when nothing more can be collected: buffers are freed behind a collection, by another thread. */
async function usedBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let unchanged = 0; unchanged < 4; unchanged += 1) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external < least - NOISE_BYTES) unchanged = 0
    least = Math.min(least, heapUsed + external)
  }
  return least
}

/** Twice as many entries as fit, as a busy sidecar sees them: fractional times, keys built at run time, views as values. */
function overfill(cache: NearCache, valueBytes: number): void {
  const message = Buffer.alloc(65_536, 'v')
  const count = Math.ceil((2 * cache.stats().limitBytes) / (128 + valueBytes))
  for (let number = 0; number < count; number += 1)
    cache.put(`prod:product:v3::${number}-ü`, entryOf(message, valueBytes, number))
}

function entryOf(message: Buffer, valueBytes: number, number: number): NearEntry {
  const at = number + 0.5
  const value = message.subarray(0, valueBytes)
  const expiresAt = at + 600_000
  return {
    kind: 'value',
    value,
    version: 1.7e15 + number,
    asOf: at,
    loadedAt: at - 10,
    freshUntil: at + 5_000,
    expiresAt,
  }
}

beforeAll(() => {
  // What is compiled and grown once for all isn't the cost of an entry.
  overfill(createNearCache({ maxBytes: 4 * 1024 * 1024, policy: 'frequency' }, new ManualClock()), 100)
})

it.each(NEAR_POLICIES.flatMap((policy) => [0, 100, 2_048].map((valueBytes) => ({ policy, valueBytes }))))(
  'really takes about the bytes it says: $policy, values of $valueBytes bytes',
  async ({ policy, valueBytes }) => {
    const before = await usedBytes()
    const cache = createNearCache({ maxBytes: MAX_BYTES, policy }, new ManualClock())
    overfill(cache, valueBytes)
    const grown = (await usedBytes()) - before
    const said = cache.stats().bytes
    expect(said).toBeGreaterThan(0.99 * MAX_BYTES)
    expect(said).toBeLessThanOrEqual(MAX_BYTES)
    expect(grown).toBeLessThan(1.05 * said)
    expect(grown).toBeGreaterThan(0.95 * said)
  },
)

it.each(NEAR_POLICIES)('gives its memory back when it is cleared: %s', async (policy) => {
  const cache = createNearCache({ maxBytes: MAX_BYTES, policy }, new ManualClock())
  overfill(cache, 100)
  const before = await usedBytes()
  cache.clear()
  cache.put('first', entryOf(Buffer.alloc(10), 1, 1))
  expect(cache.stats().bytes).toBeLessThan(65_536)
  // The bound is reserved, as addresses; the counter doesn't know that nothing of it is touched.
  expect((await usedBytes()) - before).toBeLessThan(1_000_000)
  expect(cache.stats().entries).toBe(1)
})
