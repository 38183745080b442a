import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { decodeVersions, encodeVersions, mergeVersions } from '../../src/store/version-table.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'

describe('a table of versions', () => {
  it('is text in one order, and what makes no sense in it is left out', () => {
    const table = decodeVersions('views 2 1\nno sense\nproduct 8 8\n-1 x\n')
    expect(encodeVersions(table)).toBe('product 8 8\nviews 2 1\n')
  })

  it('has of two the larger of each number', () => {
    const merged = mergeVersions(decodeVersions('a 3 1\nb 1 1\n'), decodeVersions('a 2 2\nc 1 0\n'))
    expect(encodeVersions(merged)).toBe('a 3 2\nb 1 1\nc 1 0\n')
  })
})

it('hands out each number once, above those that are taken, on Redis and in memory', async () => {
  const server = await startRedis()
  const shards = [redisShard(server.url), memoryShard(systemClock)]
  try {
    for (const shard of shards) {
      await shard.start()
      const next = async (taken: number) =>
        (await shard.ask('test:~version:product', 'nextVersion', () => ({ key: 'test:~version:product', taken }))).value
      expect([await next(3), await next(0), await next(0), await next(9)]).toEqual([4, 5, 6, 10])
    }
  } finally {
    for (const shard of shards) await shard.close()
    await server.stop()
  }
})
