import { type RedisServer, startRedis } from '../../support/redis.ts'
import { TcpForwarder } from '../../support/tcp-forwarder.ts'
import type { DrillTier, NamedRedis } from './drill-tier.ts'
import type { WorldShape } from './world-shape.ts'

/** A shard: a server, what follows it, and the way that each sidecar takes to it. */
export interface RingShard {
  readonly name: string
  readonly primary: RedisServer
  readonly replicas: readonly RedisServer[]
  /** One for each sidecar, in their order; none where the shape asks for none. */
  readonly roads: readonly TcpForwarder[]
}

export const EVICTING = ['--maxmemory', '512mb', '--maxmemory-policy', 'volatile-lfu']

/** Plain servers on a hash ring. */
export class RingTier implements DrillTier {
  readonly shards: RingShard[] = []

  static async start({ shards, replicas, sidecars, roads }: WorldShape): Promise<RingTier> {
    const tier = new RingTier()
    try {
      for (let index = 0; index < shards; index += 1)
        tier.shards.push(await startShard(`s${index}`, replicas, roads ? sidecars : 0))
      return tier
    } catch (error) {
      await tier.stop()
      throw error
    }
  }

  configFor(sidecar: number): { readonly topology: 'ring'; readonly nodes: readonly object[] } {
    const nodes = this.shards.map(({ name, primary, replicas, roads }) => ({
      name,
      primary: (roads[sidecar] ?? primary).url,
      replicas: replicas.map(({ url }) => url),
    }))
    return { topology: 'ring', nodes }
  }

  get primaries(): readonly NamedRedis[] {
    return this.shards.map(({ name, primary }) => ({ name, client: primary.client }))
  }

  async stop(): Promise<void> {
    for (const { primary, replicas, roads } of this.shards) {
      await Promise.all(roads.map((road) => road.close()))
      await Promise.all([primary, ...replicas].map((server) => server.stop()))
    }
  }
}

async function startShard(name: string, followers: number, ways: number): Promise<RingShard> {
  const primary = await startRedis(EVICTING)
  const replicas: RedisServer[] = []
  const roads: TcpForwarder[] = []
  for (let index = 0; index < followers; index += 1)
    replicas.push(await startRedis([...EVICTING, '--replicaof', '127.0.0.1', String(primary.port)]))
  for (let index = 0; index < ways; index += 1) roads.push(await TcpForwarder.start(primary.port))
  return { name, primary, replicas, roads }
}
