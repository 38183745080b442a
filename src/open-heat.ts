import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { CopyChanges } from './cache/copy-changes.ts'
import type { Config } from './config/config.ts'
import { Heat } from './hotkey/heat.ts'
import { HotList } from './hotkey/hot-list.ts'
import { Keyspaces } from './keyspace/keyspaces.ts'
import type { FleetVersions } from './store/fleet-versions.ts'
import { HeatExchange } from './store/heat-exchange.ts'
import type { Tier } from './store/tier.ts'

export interface HeatSurroundings {
  readonly versions: FleetVersions
  readonly store: Tier
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface OpenedHeat {
  readonly heat: Heat
  readonly hot: HotList
  readonly exchange: HeatExchange
  readonly keyspaces: Keyspaces
  /** What it brought about. */
  readonly changes: CopyChanges
}

/** Has this sidecar tell the shards what is hot, and hear from them what the fleet makes of it. */
export function openHeat(config: Config, { store: tier, versions, clock, chance, log }: HeatSurroundings): OpenedHeat {
  const { env, heartbeatMs } = config
  const { leastRate, targetShare: target } = config.hot
  const keyspaces = new Keyspaces({ env, policies: config.keyspaces })
  versions.follow((keyspace, version) => keyspaces.move(keyspace, version))
  const changes = new CopyChanges(keyspaces, log)
  const [heat, hot] = [new Heat(clock, chance), new HotList(clock)]
  const allowed = (key: string) => keyspaces.named(key)?.policy.maxCopies ?? 0
  const exchange = new HeatExchange(
    { leastRate, target, heartbeatMs },
    { tier, heat, hot, clock, onDecided: changes.decided, allowed },
  )
  return { heat, hot, exchange, keyspaces, changes }
}
