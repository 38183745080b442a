import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { ERRAND_TTL_MS, FleetErrands } from './cache/fleet-errands.ts'
import type { Config } from './config/config.ts'
import { LockTable } from './store/lock-table.ts'
import type { Tier } from './store/tier.ts'

export interface ErrandSurroundings {
  readonly store: Tier
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** What the fleet does one at a time. */
export function openErrands({ env, heartbeatMs }: Config, { store: tier, ...parts }: ErrandSurroundings): FleetErrands {
  const table = new LockTable({ mostTtlMs: ERRAND_TTL_MS, heartbeatMs }, { tier, clock: parts.clock })
  return new FleetErrands(env, { ...parts, table })
}
