import { describe, expect, it } from 'vitest'
import { MemoryShard } from '../../src/store/memory-shard.ts'
import { shardContract } from '../contract/shard-contract.ts'
import { content } from '../support/content.ts'
import { ManualClock } from '../support/manual-clock.ts'

shardContract('memory-shard', async () => {
  const clock = new ManualClock()
  const shard = new MemoryShard({ name: 'a', maxBytes: 1 << 20 }, clock)
  return { shard, elapse: (ms) => clock.advance(ms), stop: () => shard.close() }
})

describe('memory-shard', () => {
  it('stays within its bytes, letting go of what was written longest ago', async () => {
    const shard = new MemoryShard({ name: 'a', maxBytes: 10_000 }, new ManualClock())
    const value = Buffer.alloc(1_000)
    for (let i = 0; i < 50; i += 1) {
      await shard.put(`k${i}`, content('', { value }))
      expect(shard.stats().memoryBytes).toBeLessThanOrEqual(10_000)
    }
    expect((await shard.read('k0')).found).toBe(false)
    expect((await shard.read('k49')).found).toBe(true)
    expect(shard.stats().evictedKeys).toBeGreaterThan(40)
  })
})
