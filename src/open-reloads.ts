import type { Log } from './base/log.ts'
import { mostHeldBytes } from './base/process-memory.ts'
import type { Config } from './config/config.ts'
import { movesNodes } from './config/config-changes.ts'
import { keyspacesInForce } from './config/hot-keyspaces.ts'
import { Reloads, type ReloadsParts } from './config/reloads.ts'
import type { OverloadLimits } from './guard/overload.ts'
import type { KeyspacePolicy } from './keyspace/policy.ts'

export interface ReloadsSurroundings {
  readonly log: Log
  readonly setLogLevel: (level: Config['log']['level']) => void
  readonly configEvents?: ReloadsParts['configEvents']
  readonly tier: { take(changed: Config): void }
  /** Whoever goes by the rules of keyspaces. */
  readonly keyspaces: readonly { take(policies: readonly KeyspacePolicy[]): void }[]
  /** Tells them anew how far the fleet has moved each. */
  readonly versions: { tell(): void }
  readonly overload: { limit(limits: OverloadLimits): void }
  readonly server: { limitInFlight(calls: number): void }
}

/** Puts into force what of a changed file can change while the sidecar runs. */
export function openReloads(started: Config, parts: ReloadsSurroundings): Reloads {
  const { log, setLogLevel, tier, keyspaces, versions, overload, server, configEvents } = parts
  const apply = (changed: Config) => {
    setLogLevel(changed.log.level)
    if (!movesNodes(started, changed)) tier.take(changed)
    const policies = keyspacesInForce(started, changed)
    for (const one of keyspaces) one.take(policies)
    versions.tell()
    overload.limit(overloadLimits(changed))
    server.limitInFlight(changed.limits.inFlight)
  }
  return new Reloads(started, { log, apply, configEvents })
}

export function overloadLimits({ limits }: Config): OverloadLimits {
  const { loopLagMs, memoryBytes = mostHeldBytes() } = limits
  return { loopLagMs: loopLagMs === 0 ? Number.POSITIVE_INFINITY : loopLagMs, memoryBytes }
}
