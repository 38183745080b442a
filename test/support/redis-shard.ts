import { type Address, formatAddress } from '../../src/base/address.ts'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { createRedisShard, createSentinelShard } from '../../src/store/redis/create-redis-shard.ts'
import type { SentinelServers } from '../../src/store/redis/sentinel-servers.ts'
import { Sentinels } from '../../src/store/redis/sentinels.ts'
import type { TierShard } from '../../src/store/tier-shard.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** What stands in front of all requests to one server. */
export function shardGuard(timeoutMs: number, name = 'shard'): Guard {
  const breaker = new ClockedBreaker(
    {
      name,
      consecutiveFailures: 5,
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 1_000,
      openForMs: 200,
      jitter: 0.2,
      slow: undefined,
    },
    { clock: systemClock, chance: systemChance, classify: () => 'failure' },
  )
  return new Guard({ name, timeoutMs, maxConcurrent: 64, maxWaiting: 10_000 }, { clock: systemClock, breaker })
}

/** A shard over a real server, not started yet. */
export function redisShard(
  url: string,
  timeoutMs = 1_000,
  { member = 'm', heartbeatMs = 200, onChanged = () => undefined, replicas = [] }: RedisShardSettings = {},
): TierShard {
  const guardFor = (name: string) => shardGuard(timeoutMs, name)
  return createRedisShard(
    { name: 'a', url, replicas, controls: 'test:~', member, timeoutMs, heartbeatMs, rules: ALL_RULES },
    { guardFor, clock: systemClock, chance: systemChance, log: silentLog, onChanged },
  )
}

export interface StartedRedisShard {
  readonly shard: TierShard
  readonly server: RedisServer
  stop(): Promise<void>
}

/** A started shard over a real server of its own. */
export async function startRedisShard(): Promise<StartedRedisShard> {
  const server = await startRedis()
  const shard = redisShard(server.url)
  await shard.start()
  return {
    shard,
    server,
    async stop() {
      await shard.close()
      await server.stop()
    },
  }
}

/** A shard whose servers these Sentinels watch, not started yet. */
export function sentinelShard(
  { master, nodes }: { readonly master: string; readonly nodes: readonly string[] },
  timeoutMs = 500,
  { member = 'm', heartbeatMs = 200, onChanged = () => undefined }: Omit<RedisShardSettings, 'replicas'> = {},
): { readonly shard: TierShard; readonly servers: SentinelServers } {
  const guardFor = (name: string) => shardGuard(timeoutMs, name)
  const parts = { clock: systemClock, chance: systemChance, log: silentLog }
  const urls = nodes.map((node) => ({ url: `redis://${node}`, shown: node }))
  const sentinels = new Sentinels({ nodes: urls, timeoutMs }, parts)
  const urlAt = (server: Address) => `redis://${formatAddress(server)}`
  return createSentinelShard(
    { name: 'a', master, urlAt, controls: 'test:~', member, timeoutMs, heartbeatMs, rules: ALL_RULES },
    { ...parts, guardFor, onChanged, sentinels },
  )
}

interface RedisShardSettings {
  readonly member?: string
  readonly replicas?: readonly string[]
  readonly heartbeatMs?: number
  readonly onChanged?: (key: string | undefined) => void
}
