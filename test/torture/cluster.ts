import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisPair } from '../support/redis-pair.ts'
import { TcpForwarder } from '../support/tcp-forwarder.ts'
import { sidecarConfig } from './keyspaces.ts'
import { SidecarProcess } from './sidecar-process.ts'

export interface ClusterOptions {
  readonly shards: number
  readonly sidecars: number
  readonly program: string
  readonly originTarget: string
  /** Tells the sidecars of the replicas, and lets them read there. */
  readonly readReplicas: boolean
}

const REDIS_SETTINGS = ['--maxmemory', '100mb', '--maxmemory-policy', 'volatile-lfu']

/** A shard as the sidecars see it: a pair of servers at the end of roads of which each sidecar has its own. */
export class TorturedShard {
  readonly name: string
  readonly pair: RedisPair
  /** One for each sidecar, in their order. */
  readonly roads: readonly TcpForwarder[]
  readonly replicaRoads: readonly TcpForwarder[]

  private constructor(
    name: string,
    pair: RedisPair,
    roads: readonly TcpForwarder[],
    replicaRoads: readonly TcpForwarder[],
  ) {
    this.name = name
    this.pair = pair
    this.roads = roads
    this.replicaRoads = replicaRoads
  }

  static async start(name: string, sidecars: number, readReplicas: boolean): Promise<TorturedShard> {
    const pair = await RedisPair.start(REDIS_SETTINGS)
    const each = (port: number, count: number) =>
      Promise.all(Array.from({ length: count }, () => TcpForwarder.start(port)))
    const roads = await each(pair.primary.port, sidecars)
    return new TorturedShard(name, pair, roads, await each(pair.replica.port, readReplicas ? sidecars : 0))
  }

  /** Leads every sidecar to the server that is the primary now; what still stands to the old one is cut. */
  leadToPrimary(): void {
    for (const road of this.roads) {
      road.point(this.pair.primary.port)
      road.cut()
    }
  }

  leadToReplica(): void {
    for (const road of this.replicaRoads) {
      road.point(this.pair.replica.port)
      road.cut()
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.roads, ...this.replicaRoads].map((road) => road.close()))
    await this.pair.stop()
  }
}

/** The whole of it, as real processes. */
export class Cluster {
  readonly shards: TorturedShard[] = []
  readonly sidecars: SidecarProcess[] = []
  readonly #directory = mkdtempSync(join(tmpdir(), 'ringside-torture-'))

  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster()
    process.once('exit', cluster.#abandon)
    try {
      for (let index = 0; index < options.shards; index += 1)
        cluster.shards.push(await TorturedShard.start(`shard-${index}`, options.sidecars, options.readReplicas))
      for (let index = 0; index < options.sidecars; index += 1)
        cluster.sidecars.push(await cluster.#startSidecar(index, options))
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    process.off('exit', this.#abandon)
    await Promise.all(this.sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all(this.shards.map((shard) => shard.stop()))
    rmSync(this.#directory, { recursive: true, force: true })
  }

  readonly #abandon = (): void => {
    for (const sidecar of this.sidecars) sidecar.abandon()
    for (const { pair } of this.shards) pair.abandon()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #startSidecar(index: number, { program, originTarget }: ClusterOptions): Promise<SidecarProcess> {
    const addresses = this.shards.map(({ name, roads, replicaRoads }) => ({
      name,
      primary: (roads[index] as TcpForwarder).url,
      replicas: replicaRoads.slice(index, index + 1).map((road) => road.url),
    }))
    const name = `sidecar-${index}`
    const config = sidecarConfig(addresses, originTarget)
    return SidecarProcess.start({ name, program, directory: join(this.#directory, name), config })
  }
}
