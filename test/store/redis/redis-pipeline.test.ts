import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { ClockedBreaker } from '../../../src/guard/clocked-breaker.ts'
import { Guard } from '../../../src/guard/guard.ts'
import { openRedis } from '../../../src/store/redis/redis-connection.ts'
import { RedisPipeline } from '../../../src/store/redis/redis-pipeline.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'

const breaker = {
  name: 'b',
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 1_000,
  openForMs: 1_000,
  jitter: 0,
  slow: undefined,
}

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

it('sends the commands of one tick under one guard and in one write, and answers each its own', async () => {
  const redis = openRedis({ url: server.url, silenceMs: 5_000 })
  await redis.connect()
  const parts = { clock: systemClock, chance: systemChance, classify: () => 'failure' as const }
  const limits = { name: 'g', timeoutMs: 5_000, maxConcurrent: 10, maxWaiting: 10 }
  const guard = new Guard(limits, { clock: systemClock, breaker: new ClockedBreaker(breaker, parts) })
  const run = vi.spyOn(guard, 'run')
  const pipeline = new RedisPipeline(redis, guard, systemClock)
  const commandsBefore = await packets()
  const keys = Array.from({ length: 500 }, (_, index) => `k${index}`)
  await Promise.all(keys.map((key) => pipeline.send('set', [key, key])))
  const replies = await Promise.all(keys.map((key) => pipeline.send<Buffer>('get', [key])))
  expect(replies.map((reply) => reply.value.toString())).toEqual(keys)
  expect(new Set(replies.map((reply) => reply.sentAt)).size).toBe(1)
  expect(run).toHaveBeenCalledTimes(2)
  // Redis counts the reads from its sockets: 1,000 commands came in a handful of them.
  expect((await packets()) - commandsBefore).toBeLessThan(50)
  redis.disconnect()
})

it('fails the one command that the server refuses, and none of its neighbours', async () => {
  const redis = openRedis({ url: server.url, silenceMs: 5_000 })
  await redis.connect()
  const parts = { clock: systemClock, chance: systemChance, classify: () => 'failure' as const }
  const limits = { name: 'g', timeoutMs: 5_000, maxConcurrent: 10, maxWaiting: 10 }
  const guard = new Guard(limits, { clock: systemClock, breaker: new ClockedBreaker(breaker, parts) })
  const pipeline = new RedisPipeline(redis, guard, systemClock)
  await server.client.lpush('list', 'x')
  await server.client.set('string', 'v')
  const settled = await Promise.allSettled(['string', 'list', 'string'].map((key) => pipeline.send('get', [key])))
  expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(guard.state()).toBe('closed')
  redis.disconnect()
})

async function packets(): Promise<number> {
  const info = await server.client.info('stats')
  return Number(info.match(/^total_reads_processed:(\d+)/m)?.[1])
}
