import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { RedisShard } from '../../src/store/redis-shard.ts'

/** A shard over a real server, not started yet. */
export function redisShard(url: string, timeoutMs = 1_000): RedisShard {
  const breaker = new ClockedBreaker(
    {
      name: 'shard',
      consecutiveFailures: 5,
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 1_000,
      openForMs: 200,
      jitter: 0.2,
      slowAfterMs: undefined,
    },
    { clock: systemClock, chance: systemChance, classify: () => 'failure' },
  )
  const guard = new Guard(
    { name: 'shard', timeoutMs, maxConcurrent: 64, maxWaiting: 10_000 },
    { clock: systemClock, breaker },
  )
  return new RedisShard(
    { name: 'a', url, timeoutMs, heartbeatMs: 200 },
    { guard, clock: systemClock, chance: systemChance, log: silentLog },
  )
}
