import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { Locks } from './cache/locks.ts'
import type { Config } from './config/config.ts'
import { LockTable } from './store/lock-table.ts'
import type { Tier } from './store/tier.ts'

export interface LockSurroundings {
  readonly store: Tier
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** The locks of the fleet, if the configuration says that there are any. */
export function openLocks(config: Config, { store: tier, clock, chance, log }: LockSurroundings): Locks | undefined {
  const { env, heartbeatMs, locks } = config
  if (!locks.enabled) return undefined
  const mostTtlMs = locks.maxTtlMs
  const table = new LockTable({ mostTtlMs, heartbeatMs }, { tier, clock })
  return new Locks({ env, mostTtlMs }, { table, clock, chance, log })
}
