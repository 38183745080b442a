import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/base/entry.ts'
import type { ClusterTier } from '../../../src/store/cluster/cluster-tier.ts'
import { keySlot } from '../../../src/store/cluster/key-slot.ts'
import type { CopyLease } from '../../../src/store/copy-lease.ts'
import type { CopyPlace } from '../../../src/store/tier.ts'
import { clusterTier } from '../../support/cluster-tier.ts'
import { content } from '../../support/content.ts'
import { type ClusterNode, RedisCluster } from '../../support/redis-cluster.ts'

const EVER = { notBefore: Number.NEGATIVE_INFINITY }
const KEYS = Array.from({ length: 30 }, (_, number) => `test:k:v1:acme:${number}`)

describe('copies on a cluster', () => {
  let cluster: RedisCluster
  let tier: ClusterTier

  beforeAll(async () => {
    cluster = await RedisCluster.start()
    tier = clusterTier(cluster.seeds)
    await tier.start()
  }, 60_000)
  afterAll(async () => {
    await tier.close()
    await cluster.stop()
  })

  const copiesOf = (key: string) => [1, 2].map((number) => tier.copy(key, number) as CopyPlace)

  /** Which server holds a name in its memory, asked of each. */
  async function holderOf(name: string): Promise<ClusterNode | undefined> {
    const slot = keySlot(name)
    for (const node of cluster.masters) {
      const names = (await node.client.cluster('GETKEYSINSLOT', slot, 100)) as string[]
      if (names.includes(name)) return node
    }
    return undefined
  }

  async function filled(key: string): Promise<readonly CopyPlace[]> {
    const home = tier.home(key)
    await home.put(key, content('v'))
    const places = copiesOf(key)
    for (const { name, shard } of places) {
      const lease = (await shard.leaseCopy(name, 10_000)) as CopyLease
      const read = await home.read(key)
      const { entry, asOf } = read as { readonly entry: Entry; readonly asOf: number }
      expect(await shard.fillCopy(name, lease, { entry, asOf, lifeMs: 30_000 })).toBe(true)
    }
    return places
  }

  it('lie on distinct masters, none of them that of the key, as many as there are others', () => {
    expect(tier.mostCopies).toBe(2)
    for (const key of KEYS) {
      const masters = [key, ...copiesOf(key).map(({ name }) => name)].map((name) => tier.masterOf(name)?.address)
      expect(new Set(masters).size).toBe(3)
      expect(tier.copy(key, 3)).toBeUndefined()
    }
  })

  it('have the first of their names that falls to such a master', () => {
    for (const key of KEYS) {
      const [first] = copiesOf(key) as [CopyPlace]
      const choice = Number(/:~c1\.(\d+):/.exec(first.name)?.[1])
      for (let before = 0; before < choice; before += 1) {
        const name = first.name.replace(/:~c1\.\d+:/, `:~c1.${before}:`)
        expect(tier.masterOf(name)).toBe(tier.masterOf(key))
      }
    }
  })

  it('are filled and read at their own masters, with the version of the primary, and dropped there', async () => {
    const key = 'test:k:v1:acme:hot'
    const places = await filled(key)
    const version = (await tier.home(key).read(key)) as { readonly entry: Entry }
    const holders = [await holderOf(key)]
    for (const { name, shard } of places) {
      expect((await shard.readCopy(name, EVER))?.entry).toMatchObject({ version: version.entry.version })
      holders.push(await holderOf(name))
    }
    expect(new Set(holders.map((node) => node?.port)).size).toBe(3)
    for (const { name, shard } of places) {
      await shard.dropCopy(name)
      expect(await shard.readCopy(name, EVER)).toBeUndefined()
      expect(await holderOf(name)).toBeUndefined()
    }
  })

  it('are no longer found where their slot has gone to another master, whose clock is another', async () => {
    const [{ name, shard }] = (await filled('test:k:v1:acme:moving')) as [CopyPlace]
    const from = cluster.masters.find(({ address }) => address === tier.masterOf(name)?.address) as ClusterNode
    const to = cluster.masters.find((node) => node !== from) as ClusterNode
    await cluster.move(keySlot(name), from, to)
    expect(await holderOf(name)).toBe(to)
    expect(await shard.readCopy(name, EVER)).toBeUndefined()
    await shard.dropCopy(name)
    expect(await holderOf(name)).toBeUndefined()
  })
})
