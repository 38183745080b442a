import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterTier } from '../../../src/store/cluster/cluster-tier.ts'
import { keySlot } from '../../../src/store/cluster/key-slot.ts'
import { clusterTier } from '../../support/cluster-tier.ts'
import { content } from '../../support/content.ts'
import { type ClusterNode, RedisCluster } from '../../support/redis-cluster.ts'
import { until } from '../../support/until.ts'

/** As the product promises it for a failover that is found and carried out by others. */
const FOLLOWED_WITHIN_MS = 15_000

describe('a cluster that loses a master', () => {
  let cluster: RedisCluster
  let tier: ClusterTier
  let count = 0

  beforeEach(async () => {
    cluster = await RedisCluster.start({ masters: 3, replicasEach: 1 })
    tier = newTier()
  })
  afterEach(async () => {
    await tier.close()
    await cluster.stop()
  })

  const newTier = () => clusterTier(cluster.seeds, { timeoutMs: 200, heartbeatMs: 500 })
  const lost = () => cluster.masters[0] as ClusterNode
  const heir = () => cluster.replicas[0] as ClusterNode

  function keyOfLost(): string {
    for (;;) {
      const key = `test:k:v1::${count++}`
      if (keySlot(key) < 5_000) return key
    }
  }

  async function text(key: string, notBefore?: number): Promise<string | undefined> {
    const read = await tier.home(key).read(key, notBefore === undefined ? {} : { notBefore })
    return read.found ? read.entry.value.toString() : undefined
  }

  const inStep = async () => {
    const [primary, replica] = await Promise.all([lost(), heir()].map(({ client }) => client.info('replication')))
    const offset = (info = '', name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1])
    return offset(replica, 'slave_repl_offset') >= offset(primary, 'master_repl_offset')
  }

  it('goes on with its replica as the same shard, warm, and with what was forgotten made good', async () => {
    const [kept, forgotten] = [keyOfLost(), keyOfLost()]
    // By one who has left before this one comes: what a sidecar has put itself, and what those whom it knew may have put,
    // does not outlive a failover so soon after.
    const writer = newTier()
    await writer.start()
    await until('puts', () =>
      writer
        .home(kept)
        .put(kept, content('kept'))
        .then(Boolean, () => false),
    )
    await writer.close()
    await tier.start()
    const home = tier.home(kept)
    await until('more puts', () => home.put(forgotten, content('old')).then(Boolean, () => false))
    await until('a heartbeat that the replica has', inStep)
    // What is acknowledged now dies with the master.
    heir().signal('SIGSTOP')
    await lost().client.call('CLIENT', 'KILL', 'TYPE', 'replica')
    await tier.home(forgotten).invalidate(forgotten, { staleKeepMs: 0 })
    await lost().kill()
    heir().signal('SIGCONT')
    await until(
      'a successor',
      () => tier.home(kept).state().up && tier.masters.some(({ address }) => address === heir().address),
      FOLLOWED_WITHIN_MS,
    )
    expect(tier.home(kept)).toBe(home)
    expect(tier.shards).toHaveLength(3)
    await until('the end of the quarantine', async () => (await text(kept).catch(() => undefined)) === 'kept')
    expect(await text(forgotten)).toBeUndefined()
    await until('acknowledged changes', () =>
      tier
        .home(kept)
        .put(kept, content('new'))
        .then(Boolean, () => false),
    )
    expect(await text(kept)).toBe('new')
  })

  it('follows a master that hands over to its replica without dying', async () => {
    await tier.start()
    const key = keyOfLost()
    await until('puts', () =>
      tier
        .home(key)
        .put(key, content('v'))
        .then(Boolean, () => false),
    )
    await heir().client.cluster('FAILOVER')
    await until('a successor', () => tier.masters.some(({ address }) => address === heir().address), FOLLOWED_WITHIN_MS)
    await until('acknowledged changes', () =>
      tier
        .home(key)
        .put(key, content('new'))
        .then(Boolean, () => false),
    )
    expect(await text(key)).toBe('new')
    expect(tier.shards).toHaveLength(3)
  })
})
