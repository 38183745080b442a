import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config/config.ts'
import type { OriginConfig } from './config/sections/origins.ts'
import { AdaptiveLimit } from './guard/adaptive-limit.ts'
import type { Breaker, BreakerOptions, SlowCalls } from './guard/breaker.ts'
import { Guard } from './guard/guard.ts'
import { OpossumBreaker } from './guard/opossum-breaker.ts'
import { FileOrigin } from './origin/file-origin.ts'
import { GuardedOrigin } from './origin/guarded-origin.ts'
import type { OriginAdapter } from './origin/origin.ts'
import { originVerdict } from './origin/origin-error.ts'

/** A database gets more patience, and more rest. */
const ORIGIN_BREAKER: Omit<BreakerOptions, 'name' | 'slow'> = {
  consecutiveFailures: 10,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openForMs: 2_000,
  jitter: 0.3,
}

/** Calls that mostly come in only just before their deadline say that soon they will not. */
const ORIGIN_SLOW = { timeouts: 0.75, ratio: 0.8 }

export interface OriginSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Keys wait for a place at an origin. */
  readonly onWaiting: (origin: string) => void
}

export interface OpenedOrigins {
  readonly origins: ReadonlyMap<string, GuardedOrigin>
  /** By the names of their origins. */
  readonly breakers: ReadonlyMap<string, Breaker>
}

/** The origins that are configured, each behind its limits. */
export async function openOrigins(config: Config, parts: OriginSurroundings): Promise<OpenedOrigins> {
  const breakers = new Map<string, Breaker>()
  const origins = new Map<string, GuardedOrigin>()
  for (const origin of config.origins) {
    const breaker = new OpossumBreaker(
      { name: `origin:${origin.name}`, slow: slowCalls(origin), ...ORIGIN_BREAKER },
      { ...parts, classify: originVerdict },
    )
    breakers.set(origin.name, breaker)
    const range = { floor: origin.minConcurrent, ceiling: origin.maxConcurrent }
    const limit = new AdaptiveLimit(range, { clock: parts.clock, classify: originVerdict })
    // Only queries that go on wait in the guard, and there is at most one for each place.
    const guard = new Guard({ ...origin, maxWaiting: origin.maxConcurrent }, { clock: parts.clock, breaker, limit })
    const onWaiting = () => parts.onWaiting(origin.name)
    const adapter = await openAdapter(origin, parts)
    origins.set(origin.name, new GuardedOrigin(origin, { clock: parts.clock, adapter, guard, onWaiting }))
  }
  return { origins, breakers }
}

async function openAdapter(config: OriginConfig, parts: OriginSurroundings): Promise<OriginAdapter> {
  switch (config.type) {
    case 'postgres':
      return new (await import('./origin/postgres-origin.ts')).PostgresOrigin(config, parts)
    case 'grpc':
      return new (await import('./origin/grpc-origin.ts')).GrpcOrigin(config, parts)
    case 'file':
      return new FileOrigin(config, parts)
  }
}

function slowCalls({ timeoutMs }: OriginConfig): SlowCalls {
  return { afterMs: ORIGIN_SLOW.timeouts * timeoutMs, ratio: ORIGIN_SLOW.ratio }
}
