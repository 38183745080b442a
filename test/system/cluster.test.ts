import { credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TopologyResponse__Output } from '../../src/gen/ringside/v1/TopologyResponse.ts'
import { keySlot } from '../../src/store/cluster/key-slot.ts'
import { Admin, CacheClient, call } from '../rpc/client.ts'
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const FOLLOWED_WITHIN_MS = 15_000

describe('a sidecar on a Redis Cluster', () => {
  let cluster: RedisCluster
  let sidecar: Sidecar
  let cache: CacheClient
  let admin: InstanceType<typeof Admin>

  beforeAll(async () => {
    cluster = await RedisCluster.start({ masters: 3, replicasEach: 1 })
    const config = `
env: test
shards: { topology: cluster, seeds: ["${cluster.seeds[1]}"] }
keyspaces: { session: { consistency: strong, ttl: 10m } }
`
    sidecar = await startSidecar({ config })
    cache = new CacheClient(sidecar.grpc)
    admin = new Admin(sidecar.grpc, credentials.createInsecure())
  })
  afterAll(async () => {
    cache.close()
    admin.close()
    await sidecar.stop()
    await cluster.stop()
  })

  const topology = () => call<TopologyResponse__Output>(admin, 'Topology', {})
  const isWell = async () => (await sidecar.readiness()).body.reasons.length === 0
  const request = (index: number) => ({ keyspace: 'session', key: `k${index}` })
  /** Ten keys of each master. */
  const requests = Array.from({ length: 1_000 }, (_, index) => request(index)).filter(
    ({ key }, index) => index < 30 || keySlot(`test:session:v1::${key}`) % 100 === 0,
  )

  async function writeAndRead(text: string): Promise<boolean> {
    const value = Buffer.from(text)
    try {
      for (const one of requests) await cache.set({ ...one, value })
      const answers = await Promise.all(requests.map((one) => cache.get(one)))
      return answers.every((answer) => answer.outcome === 'OUTCOME_FOUND' && value.equals(answer.value))
    } catch {
      return false
    }
  }

  it('finds all masters by one node, and has nothing to complain of', async () => {
    await until('readiness without a reason', isWell)
    const { nodes, ring_hash: hash, breakers } = await topology()
    expect(hash).toBe('')
    expect(nodes.map(({ primary }) => primary).sort()).toEqual(cluster.masters.map(({ address }) => address).sort())
    expect(nodes.map(({ name, up }) => [name, up])).toEqual(nodes.map(({ primary }) => [primary, true]))
    expect(nodes.reduce((sum, { weight }) => sum + weight, 0)).toBe(16_384)
    expect(breakers).toHaveLength(3)
  })

  it('reads what it writes, wherever the cluster keeps it', async () => {
    await until('writes everywhere', () => writeAndRead('v'))
    const { nodes } = await topology()
    for (const { name } of nodes) {
      expect(await sidecar.metric(`ringside_shard_reads_total{shard="${name}"}`)).toBeGreaterThan(0)
    }
  })

  it('follows the failover of a master that is killed, within 15 s', async () => {
    const [lost, heir] = [cluster.masters[2] as ClusterNode, cluster.replicas[2] as ClusterNode]
    const { nodes: before } = await topology()
    await lost.kill()
    await until('all keys again', () => writeAndRead('after'), FOLLOWED_WITHIN_MS)
    const { nodes } = await topology()
    const name = before.find(({ primary }) => primary === lost.address)?.name
    expect(nodes.find((node) => node.name === name)).toMatchObject({ up: true, primary: heir.address })
    await until('readiness without a reason', isWell)
  })
})
