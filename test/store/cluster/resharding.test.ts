import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterMaster } from '../../../src/store/cluster/cluster-master.ts'
import type { ClusterTier } from '../../../src/store/cluster/cluster-tier.ts'
import { keySlot, SLOTS } from '../../../src/store/cluster/key-slot.ts'
import { lease } from '../../contract/shard-contract.ts'
import { clusterTier } from '../../support/cluster-tier.ts'
import { content } from '../../support/content.ts'
import { type ClusterNode, RedisCluster } from '../../support/redis-cluster.ts'
import { until } from '../../support/until.ts'

const LAST_SLOT = SLOTS - 1

describe('a cluster whose slots move', () => {
  let cluster: RedisCluster
  let tier: ClusterTier
  let other: ClusterTier
  const told: (string | undefined)[] = []
  let count = 0
  const used = new Set<number>()

  beforeAll(async () => {
    cluster = await RedisCluster.start({ masters: 3, empty: 1 })
    tier = clusterTier(cluster.seeds.slice(0, 1), { member: 'a', onChanged: (key) => told.push(key) })
    other = clusterTier(cluster.seeds.slice(1, 2), { member: 'b' })
    await Promise.all([tier.start(), other.start()])
    await until('two sidecars that know each other', () => isSettled())
  })
  afterAll(async () => {
    await Promise.all([tier.close(), other.close()])
    await cluster.stop()
  })

  const isSettled = async () => {
    const results = await Promise.allSettled(cluster.masters.slice(0, 3).map((node) => invalidate(keyOn(node))))
    return results.every(({ status }) => status === 'fulfilled')
  }
  const node = (index: number) => cluster.masters[index] as ClusterNode
  const masterAt = ({ address }: ClusterNode, of = tier) =>
    of.masters.find((master) => master.address === address) as ClusterMaster
  const invalidate = (key: string) => tier.home(key).invalidate(key, { staleKeepMs: 0 })
  const put = (key: string, text = 'v') => tier.home(key).put(key, content(text))

  /** A new key in one of the slots of a node, which is not that of its control keys; in a slot of its own. */
  function keyOn(owner: ClusterNode): string {
    const slots = new Set(tier.slotsOf(owner.address))
    for (;;) {
      const key = `test:k:v1::${count++}`
      const slot = keySlot(key)
      if (used.has(slot)) continue
      used.add(slot)
      if (slots.has(slot) && slot !== masterAt(owner).anchor && slot !== masterAt(owner, other)?.anchor) return key
    }
  }

  async function text(key: string, of = tier): Promise<string | undefined> {
    const read = await of.home(key).read(key)
    return read.found ? read.entry.value.toString() : undefined
  }

  it('finds a key that has moved at its new owner, without an error and without what was stored elsewhere', async () => {
    const key = keyOn(node(0))
    await put(key, 'old')
    await cluster.move(keySlot(key), node(0), node(1))
    expect(await text(key)).toBeUndefined()
    const own = lease()
    expect((await tier.home(key).acquire(key, own)).outcome).toBe('granted')
    expect((await tier.home(key).fill(key, own.token, content('new'))).outcome).toBe('filled')
    expect(await text(key)).toBe('new')
    expect(await text(key, other)).toBe('new')
  })

  it('loses the fill of a lease that was taken before the move', async () => {
    const key = keyOn(node(0))
    const own = lease()
    expect((await tier.home(key).acquire(key, own)).outcome).toBe('granted')
    await cluster.move(keySlot(key), node(0), node(1))
    expect((await tier.home(key).fill(key, own.token, content('v'))).outcome).toBe('lost')
    expect(await text(key)).toBeUndefined()
  })

  it('keeps a hold over the move', async () => {
    const key = keyOn(node(0))
    await tier.home(key).invalidate(key, { staleKeepMs: 0, holdMs: 60_000 })
    await cluster.move(keySlot(key), node(0), node(1))
    expect((await put(key)).outcome).toBe('held')
  })

  it('makes versions that go on growing over the move', async () => {
    const key = keyOn(node(0))
    tier.home(key).atLeast(Date.now() * 1_000 + 30_000_000)
    const { version } = await put(key)
    await cluster.move(keySlot(key), node(0), node(1))
    expect((await put(key, 'w')).version).toBeGreaterThan(version)
  })

  it('asks the importing node for what is absent while a slot moves, and the old one for what is still there', async () => {
    const staying = keyOn(node(0))
    const tag = keySlot(staying)
    await put(staying, 'still here')
    const absent = await keyIn(tag)
    await cluster.beginMove(tag, node(0), node(1))
    expect(await text(staying)).toBe('still here')
    expect((await put(absent, 'there')).outcome).toBe('stored')
    expect(await text(absent)).toBe('there')
    expect(await text(absent, other)).toBe('there')
    expect(await node(0).client.cluster('COUNTKEYSINSLOT', tag)).toBe(1)
    expect(await node(1).client.cluster('COUNTKEYSINSLOT', tag)).toBe(1)
    // In the epoch of the node where it is, so that it counts there after the move too.
    await cluster.moveKeys(tag, node(0), node(1))
    await cluster.endMove(tag, node(0), node(1))
    expect(await text(absent)).toBe('there')
    expect(await text(staying)).toBeUndefined()
  })

  it('runs scripts on an importing node that does not know them yet', async () => {
    const key = keyOn(node(0))
    await cluster.beginMove(keySlot(key), node(0), node(1))
    await node(1).client.script('FLUSH')
    expect((await put(key, 'there')).outcome).toBe('stored')
    expect(await node(1).client.cluster('COUNTKEYSINSLOT', keySlot(key))).toBe(1)
    await cluster.endMove(keySlot(key), node(0), node(1))
  })

  it('never vouches for an answer of an importing node by what would be heard of', async () => {
    const key = keyOn(node(0))
    await cluster.beginMove(keySlot(key), node(0), node(1))
    await put(key)
    const read = await tier.home(key).read(key, { tracked: true })
    expect(read).toMatchObject({ found: true, proof: undefined })
    await cluster.endMove(keySlot(key), node(0), node(1))
  })

  it('acknowledges an invalidation in the middle of a move only where it counts', async () => {
    const key = keyOn(node(0))
    const slot = keySlot(key)
    await put(key, 'old')
    await cluster.beginMove(slot, node(0), node(1))
    await cluster.moveKeys(slot, node(0), node(1))
    const own = lease()
    await other.home(key).acquire(key, own)
    await invalidate(key)
    expect((await other.home(key).fill(key, own.token, content('old'))).outcome).toBe('lost')
    await cluster.endMove(slot, node(0), node(1))
    expect(await text(key)).toBeUndefined()
  })

  it('hears of the move of a key that is kept near, and of its changes afterwards', async () => {
    const key = keyOn(node(0))
    await put(key)
    const before = await tier.home(key).read(key, { tracked: true })
    expect(before).toMatchObject({ found: true, proof: expect.anything() })
    await cluster.move(keySlot(key), node(0), node(1))
    await until('news of the move', () => told.includes(key))
    await put(key, 'w')
    const after = await tier.home(key).read(key, { tracked: true })
    expect(after).toMatchObject({ found: true, proof: expect.anything() })
    told.length = 0
    await other.home(key).invalidate(key, { staleKeepMs: 0 })
    await until('news of the change', () => told.includes(key))
  })

  it('wakes who waits for a key when it moves, and when it is filled at its new owner', async () => {
    const key = keyOn(node(0))
    await other.home(key).acquire(key, lease())
    let woken = 0
    const unwatch = tier.home(key).watch(key, () => {
      woken += 1
    })
    expect(await tier.home(key).acquire(key, lease())).toMatchObject({ outcome: 'busy', tracked: false })
    expect(await tier.home(key).acquire(key, { ...lease(), tracked: true })).toMatchObject({ tracked: true })
    await cluster.move(keySlot(key), node(0), node(1))
    await until('news of the move', () => woken > 0)
    const own = lease()
    expect((await other.home(key).acquire(key, own)).outcome).toBe('granted')
    expect(await tier.home(key).acquire(key, { ...lease(), tracked: true })).toMatchObject({ outcome: 'busy' })
    const before = woken
    await other.home(key).fill(key, own.token, content('v'))
    await until('news of the fill', () => woken > before)
    unwatch()
  })

  it('goes on in the same epoch when the slot of the control keys leaves', async () => {
    const keys = Array.from({ length: 20 }, () => keyOn(node(2)))
    for (const key of keys) await put(key)
    const { anchor, shard } = masterAt(node(2))
    const { epochs } = shard.stats()
    await cluster.move(anchor as number, node(2), node(1))
    await until('another place for the control keys', () => masterAt(node(2)).anchor !== anchor)
    await until('the same place for everybody', () => masterAt(node(2), other).anchor === masterAt(node(2)).anchor)
    for (const key of keys) expect(await text(key)).toBe('v')
    for (const key of keys) expect(await text(key, other)).toBe('v')
    await until('acknowledged changes', () => invalidate(keys[0] as string).then(Boolean, () => false))
    expect(masterAt(node(2)).shard.stats().epochs).toBe(epochs)
    const newcomer = clusterTier(cluster.seeds.slice(0, 1), { member: 'c' })
    await newcomer.start()
    expect(masterAt(node(2), newcomer).anchor).toBe(masterAt(node(2)).anchor)
    expect(await text(keys[1] as string, newcomer)).toBe('v')
    await newcomer.close()
  })

  it('takes in a node that gets its first slots, and lets go of one that has given up its last', async () => {
    const key = keyOn(node(2))
    await put(key)
    const rest = await cluster.slotsOf(node(2))
    await cluster.move(keySlot(key), node(2), node(3))
    await until('an answer of the new node', () =>
      put(key, 'w').then(
        () => true,
        () => false,
      ),
    )
    expect(await text(key)).toBe('w')
    expect(masterAt(node(3)).shard.state().up).toBe(true)
    await cluster.moveAll(
      rest.filter((slot) => slot !== keySlot(key)),
      node(2),
      node(3),
    )
    await until('only those that own slots', () => masterAt(node(2)) === undefined)
    expect(tier.shards.every((shard) => shard.state().up)).toBe(true)
    const last = keyIn(LAST_SLOT)
    expect((await put(await last)).outcome).toBe('stored')
  })

  /** A new key in one slot. */
  async function keyIn(slot: number): Promise<string> {
    for (;;) {
      const key = `test:k:v1::${count++}`
      if (keySlot(key) === slot) return key
    }
  }
})
