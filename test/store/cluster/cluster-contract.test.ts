import { copyContract } from '../../contract/copy-contract.ts'
import { freshnessContract } from '../../contract/freshness-contract.ts'
import { intentContract } from '../../contract/intent-contract.ts'
import { type ShardUnderTest, shardContract } from '../../contract/shard-contract.ts'
import { tagContract } from '../../contract/tag-contract.ts'
import { clusterTier } from '../../support/cluster-tier.ts'
import { RedisCluster } from '../../support/redis-cluster.ts'
import { tierAsShard } from '../../support/tier-as-shard.ts'
import { until } from '../../support/until.ts'

/** Waits until the servers' own clocks have moved on by `ms`. */
async function elapse({ masters }: RedisCluster, ms: number): Promise<void> {
  const passed = masters.map(async ({ client }) => {
    const time = async () => {
      const [seconds, micros] = await client.time()
      return Number(seconds) * 1_000 + Number(micros) / 1_000
    }
    const end = (await time()) + ms
    await until('the passing of time', async () => (await time()) >= end)
  })
  await Promise.all(passed)
}

async function open(): Promise<ShardUnderTest> {
  const cluster = await RedisCluster.start()
  const tier = clusterTier([cluster.seeds[0] as string])
  await tier.start()
  return {
    shard: tierAsShard(tier),
    elapse: (ms) => elapse(cluster, ms),
    cut: async () => {
      for (const { client } of cluster.masters) await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    },
    stop: async () => {
      await tier.close()
      await cluster.stop()
    },
  }
}

shardContract('cluster-tier', open)
intentContract('cluster-tier', open)
freshnessContract('cluster-tier', open)
copyContract('cluster-tier', open)
tagContract('cluster-tier', open)
