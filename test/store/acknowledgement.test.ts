import { afterEach, beforeEach, expect, it } from 'vitest'
import { content } from '../support/content.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'
import { until } from '../support/until.ts'

const TOMBSTONE = 3
const KIND_AT = 1

let server: RedisServer

beforeEach(async () => {
  server = await startRedis()
})
afterEach(() => server.stop())

/** A member that was heard once and says nothing more. */
async function silentMember(): Promise<void> {
  await server.client.zadd('test:~beats', 1, 'silent')
  await server.client.zadd('test:~seen', Date.now(), 'silent')
}

/** It is heard of again, and with that has heard of everybody else. */
const speaks = () => server.client.zadd('test:~beats', 'XX', 1e9, 'silent')

const isTombstone = async (key: string) => (await server.client.getBuffer(key))?.[KIND_AT] === TOMBSTONE

it('acknowledges a change only when all other sidecars have heard of the one that made it', async () => {
  await silentMember()
  const shard = redisShard(server.url, 10_000)
  await shard.start()
  let isAcknowledged = false
  const invalidation = shard.invalidate('k', { staleKeepMs: 0 }).then(() => {
    isAcknowledged = true
  })
  await until('the tombstone', () => isTombstone('k'))
  const stamp = Number(await server.client.hget('test:~life', 'stamp'))
  await until('heartbeats', async () => Number(await server.client.hget('test:~life', 'stamp')) > stamp + 5)
  expect(isAcknowledged).toBe(false)
  await speaks()
  await invalidation
  await shard.close()
})

it('does not acknowledge one that the shard has lost while the others were waited for', async () => {
  const writer = redisShard(server.url, 1_000, { member: 'writer' })
  await writer.start()
  await writer.put('k', content('old'))
  await writer.close()
  await silentMember()
  await server.snapshot()

  const shard = redisShard(server.url, 20_000)
  await shard.start()
  const invalidation = shard.invalidate('k', { staleKeepMs: 0 })
  const outcome = expect(invalidation).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  await until('the tombstone', () => isTombstone('k'))
  await server.restart()
  expect(await isTombstone('k')).toBe(false)
  await until('the next epoch', async () => (await server.client.zscore('test:~beats', 'm')) !== null)
  await speaks()
  await outcome
  await shard.close()
})
