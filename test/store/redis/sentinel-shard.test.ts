import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { SentinelServers } from '../../../src/store/redis/sentinel-servers.ts'
import { Sentinels } from '../../../src/store/redis/sentinels.ts'
import type { TierShard } from '../../../src/store/tier-shard.ts'
import { content } from '../../support/content.ts'
import { sentinelShard } from '../../support/redis-shard.ts'
import { type RigProcess, SentinelRig } from '../../support/sentinel.ts'
import { until } from '../../support/until.ts'

const at = ({ port }: RigProcess): string => `127.0.0.1:${port}`

/** The connections of sidecars that a process has. */
async function connections({ client }: RigProcess): Promise<number> {
  const list = (await client.call('CLIENT', 'LIST')) as string
  return list.split('\n').filter((line) => line.includes('name=ringside')).length
}

describe('a shard that Sentinels watch', () => {
  let rig: SentinelRig
  let shard: TierShard
  let servers: SentinelServers

  beforeEach(async () => {
    rig = await SentinelRig.start()
    ;({ shard, servers } = sentinelShard(rig))
    await shard.start()
  })
  afterEach(async () => {
    await shard.close()
    await rig.stop()
  })

  const stores = async (key: string) =>
    until(`a stored ${key}`, async () => {
      const stored = await shard.put(key, content(key)).catch(() => undefined)
      return stored?.outcome === 'stored'
    })
  /** All as the Sentinels say at that moment: on a busy machine they may let another server take over once more. */
  const knowsAll = (alive: readonly RigProcess[] = rig.servers) =>
    until(
      'the servers that the Sentinels name',
      async () => {
        const primary = await rig.primary().catch(() => undefined)
        const { addresses } = servers
        const replicas = alive.filter((server) => server !== primary).map(at)
        const isKnown = [...addresses.replicas].sort().join() === replicas.sort().join()
        return primary !== undefined && addresses.primary === at(primary) && isKnown
      },
      30_000,
    )

  it('is found through them, with its replicas, and leaves no connection behind', async () => {
    await stores('k')
    await knowsAll()
    await until('lags of both replicas', () => shard.stats().replicas.every(({ lagMs }) => lagMs !== undefined))
    expect(shard.stats().replicas.map(({ name }) => name)).toEqual(['1', '2'])
    expect((await shard.readReplica('k', { notBefore: 0, anyway: true }))?.entry.value.toString()).toBe('k')
    expect(await Promise.all(rig.sentinels.map(connections))).toEqual([2, 2, 2])
    await shard.close()
    for (const process of [...rig.servers, ...rig.sentinels])
      await until('no connection left', async () => (await connections(process)) === 0)
  })

  it('is followed to the replica that takes over when its primary is killed, with a new epoch', async () => {
    await stores('before')
    const former = await rig.primary()
    await former.kill()
    await rig.failedOver(former)
    await stores('after')
    expect(shard.stats().epochs).toBeGreaterThan(1)
    expect((await shard.read('after')).found).toBe(true)
    await knowsAll(rig.servers.filter((server) => server !== former))
    await former.restart()
    await rig.demoted(former)
    await knowsAll()
    // Names are few, whoever bears them.
    expect(new Set(shard.stats().replicas.map(({ name }) => name))).toEqual(new Set(['1', '2']))
  })

  it('is followed when its primary freezes, and never goes back to that one', async () => {
    await stores('before')
    const former = await rig.primary()
    former.freeze()
    await rig.failedOver(former)
    await stores('after')
    former.thaw()
    await rig.demoted(former)
    await stores('later')
    await until('the write at the former primary', async () => (await former.client.exists('later')) === 1)
  })

  it('is followed when the roles are exchanged by hand, with the former primary among its replicas', async () => {
    const former = await rig.primary()
    await rig.sentinels[0]?.client.call('SENTINEL', 'FAILOVER', rig.master)
    await rig.failedOver(former)
    await stores('after')
    await knowsAll()
    await until('no line to the former primary but that of a replica', async () => (await connections(former)) === 1)
  })

  it('is used on while no Sentinel answers, and followed once some do again', async () => {
    await stores('before')
    await Promise.all(rig.sentinels.map((sentinel) => sentinel.kill()))
    await stores('meanwhile')
    expect(shard.state()).toMatchObject({ up: true })
    await Promise.all(rig.sentinels.slice(1).map((sentinel) => sentinel.restart()))
    const former = await rig.primary()
    await former.kill()
    await rig.failedOver(former)
    await stores('after')
  })

  it('is followed while one of the Sentinels is frozen', async () => {
    await stores('before')
    rig.sentinels[0]?.freeze()
    const former = await rig.primary()
    await former.kill()
    await rig.failedOver(former)
    await stores('after')
    rig.sentinels[0]?.thaw()
  })
})

describe('who the primary is', () => {
  let rig: SentinelRig
  let other: SentinelRig

  beforeAll(async () => {
    rig = await SentinelRig.start()
    other = await SentinelRig.start({ replicas: 1, sentinels: 1 })
  })
  afterAll(() => Promise.all([rig.stop(), other.stop()]))

  it('is not known where no Sentinel knows the name, or none answers', async () => {
    const unnamed = sentinelShard({ master: 'nobody', nodes: rig.nodes })
    await unnamed.shard.start()
    expect(unnamed.shard.state()).toEqual({
      up: false,
      why: 'no connection: the Sentinels do not know a primary named nobody',
    })
    await unnamed.shard.close()
    const unanswered = sentinelShard({ master: rig.master, nodes: ['127.0.0.1:1'] })
    await unanswered.shard.start()
    expect(unanswered.shard.state()).toEqual({
      up: false,
      why: 'no connection: no Sentinel answers (127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1)',
    })
    await unanswered.shard.close()
  })

  it('is told again to who comes after everybody had left', async () => {
    const nodes = rig.nodes.map((node) => ({ url: `redis://${node}`, shown: node }))
    const parts = { clock: systemClock, chance: systemChance, log: silentLog }
    const sentinels = new Sentinels({ nodes, timeoutMs: 500 }, parts)
    const follower = { master: rig.master, fleet: () => 1, onNews: () => undefined }
    for (let visit = 0; visit < 2; visit += 1) {
      const leave = sentinels.follow(follower)
      expect(rig.servers.map(({ port }) => port)).toContain((await sentinels.view(rig.master)).primary.port)
      leave()
      for (const sentinel of rig.sentinels)
        await until('no connection left', async () => (await connections(sentinel)) === 0)
    }
  })

  it('is what the newest configuration says, whoever is asked first', async () => {
    const former = await rig.primary()
    await rig.sentinels[0]?.client.call('SENTINEL', 'FAILOVER', rig.master)
    const heir = await rig.failedOver(former)
    // One that was never told of the failover: its configuration is older, and its server an honest primary, too.
    const { shard, servers } = sentinelShard({ master: rig.master, nodes: [...other.nodes, ...rig.nodes] })
    await shard.start()
    await until('a line', () => shard.state().up)
    expect(servers.addresses.primary).toBe(at(heir))
    expect(servers.addresses.primary).not.toBe(at(other.servers[0] as RigProcess))
    await shard.close()
  })

  it('is nobody where the server itself says that it is a replica', async () => {
    const lone = await SentinelRig.start({
      master: 'lone',
      replicas: 0,
      sentinels: 1,
      redis: ['--min-replicas-to-write', '0'],
    })
    const leader = lone.servers[0] as RigProcess
    await leader.client.replicaof('127.0.0.1', (await rig.primary()).port)
    await lone.demoted(leader)
    const { shard } = sentinelShard(lone)
    await shard.start()
    expect(shard.state()).toEqual({
      up: false,
      why: 'no connection: the server that is said to be the primary is a replica',
    })
    await until('that connection closed', async () => (await connections(leader)) === 0)
    await shard.close()
    await lone.stop()
  })
})
