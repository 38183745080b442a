import type { ClusterNode } from '../../support/redis-cluster.ts'
import type { Scenario } from '../scenario.ts'
import { ClusterTier } from '../world/cluster-tier.ts'

export const resharding: Scenario<ClusterTier> = {
  name: 'resharding',
  fault: 'All slots of one of the masters of a Redis Cluster are moved, with their keys, to a new and empty master.',
  startTier: ClusterTier.start,
  async inflict({ tier: { cluster }, shape }, chance) {
    const from = chance.pick(cluster.masters.slice(0, shape.shards))
    const to = cluster.masters.at(-1) as ClusterNode
    const moving = cluster.moveAll(await cluster.slotsOf(from), from, to)
    return () => moving
  },
}
