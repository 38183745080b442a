import { RedisCluster } from '../../support/redis-cluster.ts'
import type { DrillTier } from './drill-tier.ts'
import type { WorldShape } from './world-shape.ts'

const EVICTING = ['--maxmemory', '512mb', '--maxmemory-policy', 'volatile-lfu']

/** A Redis Cluster, and a node beside it that owns nothing yet. */
export class ClusterTier implements DrillTier {
  readonly cluster: RedisCluster

  private constructor(cluster: RedisCluster) {
    this.cluster = cluster
  }

  static async start({ shards, replicas }: WorldShape): Promise<ClusterTier> {
    const shape = { masters: shards, replicasEach: replicas, empty: 1, settings: EVICTING }
    return new ClusterTier(await RedisCluster.start(shape))
  }

  configFor(): object {
    return { topology: 'cluster', seeds: this.cluster.seeds }
  }

  stop(): Promise<void> {
    return this.cluster.stop()
  }
}
