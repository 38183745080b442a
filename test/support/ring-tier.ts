import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { StatedNode } from '../../src/store/ring/ring-plan.ts'
import { RingTier, type RingTierParts } from '../../src/store/ring-tier.ts'
import type { Shard } from '../../src/store/shard.ts'

/** Active nodes of weight 1. */
export const nodesNamed = (...names: readonly string[]): readonly StatedNode[] =>
  names.map((name) => ({ name, weight: 1, state: 'active' }))

/** A tier over these shards, each an active node. */
export function ringTier(shards: readonly Shard[], parts: Partial<RingTierParts> = {}, heartbeatMs = 1_000): RingTier {
  const nodes = nodesNamed(...shards.map(({ name }) => name))
  return new RingTier(
    { nodes, heartbeatMs },
    { shards, onLeft: () => undefined, mayGoOn: () => true, clock: systemClock, log: silentLog, ...parts },
  )
}
