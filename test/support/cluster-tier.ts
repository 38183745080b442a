import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { ClusterTier } from '../../src/store/cluster/cluster-tier.ts'
import { createClusterTier } from '../../src/store/cluster/create-cluster-tier.ts'
import type { Journal } from '../../src/store/journal/journal.ts'
import { shardGuard } from './redis-shard.ts'

interface ClusterTierSettings {
  readonly member?: string
  readonly timeoutMs?: number
  readonly heartbeatMs?: number
  readonly onChanged?: (key: string | undefined) => void
  readonly journal?: Journal
}

/** A tier over a real cluster, not started yet. */
export function clusterTier(
  seeds: readonly string[],
  {
    member = 'm',
    timeoutMs = 1_000,
    heartbeatMs = 200,
    onChanged = () => undefined,
    journal,
  }: ClusterTierSettings = {},
): ClusterTier {
  return createClusterTier(
    { seeds, controls: 'test:~', member, timeoutMs, heartbeatMs, rules: ALL_RULES },
    {
      guardFor: (name) => shardGuard(timeoutMs, name),
      clock: systemClock,
      chance: systemChance,
      log: silentLog,
      onChanged,
      journal,
    },
  )
}
