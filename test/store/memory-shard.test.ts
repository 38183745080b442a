import { describe, expect, it } from 'vitest'
import { backlogContract } from '../contract/backlog-contract.ts'
import { compressionContract } from '../contract/compression-contract.ts'
import { copyContract } from '../contract/copy-contract.ts'
import { counterContract } from '../contract/counter-contract.ts'
import { flushContract } from '../contract/flush-contract.ts'
import { freshnessContract } from '../contract/freshness-contract.ts'
import { intentContract } from '../contract/intent-contract.ts'
import { type ShardUnderTest, shardContract } from '../contract/shard-contract.ts'
import { tagContract } from '../contract/tag-contract.ts'
import { content } from '../support/content.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { memoryShard } from '../support/memory-shard.ts'

async function open(): Promise<ShardUnderTest> {
  const clock = new ManualClock()
  const shard = memoryShard(clock, { maxBytes: 1 << 20 })
  await shard.start()
  // Only closing it ends a connection to one's own process.
  return { shard, elapse: (ms) => clock.advance(ms), cut: () => shard.close(), stop: () => shard.close() }
}

shardContract('memory-shard', open)
freshnessContract('memory-shard', open)
copyContract('memory-shard', open)
counterContract('memory-shard', open)
backlogContract('memory-shard', open)
tagContract('memory-shard', open)
intentContract('memory-shard', open)
compressionContract('memory-shard', open)
flushContract('memory-shard', open)

describe('memory-shard', () => {
  it('stays within its bytes, letting go of what was written longest ago', async () => {
    const clock = new ManualClock()
    const shard = memoryShard(clock, { maxBytes: 10_000 })
    await shard.start()
    const value = Buffer.alloc(1_000)
    for (let i = 0; i < 50; i += 1) {
      await shard.put(`k${i}`, content('', { value }))
      // The figures are asked for with every tenth heartbeat.
      await clock.advance(2_000)
      expect(shard.stats().server.memoryBytes).toBeLessThanOrEqual(10_000)
    }
    expect((await shard.read('k0')).found).toBe(false)
    expect((await shard.read('k49')).found).toBe(true)
    expect(shard.stats().server.evictedKeys).toBeGreaterThan(40)
  })
})
