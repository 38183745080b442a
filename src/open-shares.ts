import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { ALL_RULES } from './base/rules.ts'
import type { Config } from './config/config.ts'
import type { GuardedOrigin } from './origin/guarded-origin.ts'
import { FleetShare } from './store/fleet-share.ts'
import type { FleetShares } from './store/fleet-shares.ts'
import type { Tier } from './store/tier.ts'

export interface ShareSurroundings {
  readonly store: Tier
  readonly origins: ReadonlyMap<string, GuardedOrigin>
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** Has this sidecar share each origin with the rest of its fleet, if the configuration says how many they are. */
export function openShares(config: Config, shares: FleetShares, parts: ShareSurroundings): void {
  const { env, fleet, heartbeatMs } = config
  if (fleet === undefined) return
  const { store: tier, origins, clock, chance, log } = parts
  const member = chance.bytes(8).toString('base64url')
  for (const { name, maxConcurrent: limit, timeoutMs } of config.origins) {
    const origin = origins.get(name) as GuardedOrigin
    const share = new FleetShare(
      { origin: name, key: `${env}:~budget:${name}`, member, limit, fleet, timeoutMs, heartbeatMs, rules: ALL_RULES },
      { tier, clock, log, demand: () => origin.demand(), apply: (held) => origin.setShare(held) },
    )
    shares.add(name, share)
  }
}
