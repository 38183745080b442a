import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { SLOTS } from '../../src/store/cluster/key-slot.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface RedisClusterOptions {
  readonly masters?: number
  readonly replicasEach?: number
  /** Nodes beside them that own nothing yet. */
  readonly empty?: number
  readonly settings?: readonly string[]
}

const NODE_TIMEOUT_MS = 2_000
const MOVES_AT_ONCE = 64
const COMMON = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']
const CLUSTER = [
  '--cluster-enabled',
  'yes',
  '--cluster-require-full-coverage',
  'no',
  '--cluster-replica-validity-factor',
  '0',
]

/** One redis-server of a cluster. */
export class ClusterNode {
  readonly port: number
  readonly client: Redis
  readonly #child: ChildProcess
  id = ''

  constructor(port: number, bus: number, directory: string, settings: readonly string[]) {
    this.port = port
    const own = join(directory, String(port))
    mkdirSync(own)
    const place = ['--port', String(port), '--cluster-port', String(bus), '--dir', own]
    const timeout = ['--cluster-node-timeout', String(NODE_TIMEOUT_MS)]
    this.#child = spawn('redis-server', [...place, ...COMMON, ...CLUSTER, ...timeout, ...settings], { stdio: 'ignore' })
    this.client = new Redis(port, '127.0.0.1', {
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
      commandTimeout: 2_000,
    })
    this.client.on('error', () => undefined)
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get url(): string {
    return `redis://${this.address}`
  }

  async answers(): Promise<void> {
    await until(`redis-server on port ${this.port}`, async () => (await this.client.ping().catch(() => '')) === 'PONG')
    this.id = String(await this.client.cluster('MYID'))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    this.client.disconnect()
    await this.kill()
  }
}

/** A real Redis Cluster, formed by its own commands. */
export class RedisCluster {
  /** Masters first, in the order of their slots; then nodes without slots. */
  readonly masters: readonly ClusterNode[]
  /** Those of the first master first. */
  readonly replicas: readonly ClusterNode[]
  readonly #directory: string

  private constructor(directory: string, masters: readonly ClusterNode[], replicas: readonly ClusterNode[]) {
    this.#directory = directory
    this.masters = masters
    this.replicas = replicas
  }

  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { masters = 3, replicasEach = 0, empty = 0, settings = [] } = options
    const directory = mkdtempSync(join(tmpdir(), 'ringside-cluster-'))
    const nodes: ClusterNode[] = []
    for (let count = masters * (1 + replicasEach) + empty; count > 0; count -= 1) {
      nodes.push(new ClusterNode(await freePort(), await freePort(), directory, settings))
    }
    const cluster = new RedisCluster(directory, nodes.slice(0, masters + empty), nodes.slice(masters + empty))
    try {
      await Promise.all(nodes.map((node) => node.answers()))
      await cluster.#form(masters, replicasEach)
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  get nodes(): readonly ClusterNode[] {
    return [...this.masters, ...this.replicas]
  }

  /** The nodes by which a client finds the cluster. */
  get seeds(): readonly string[] {
    return this.nodes.map(({ url }) => url)
  }

  /** The slots of a master, as it tells itself. */
  async slotsOf(node: ClusterNode): Promise<readonly number[]> {
    const ranges = (await node.client.cluster('SLOTS')) as unknown as [number, number, [string, number]][]
    const own = ranges.filter(([, , [, port]]) => port === node.port)
    return own.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
  }

  /** Source and destination know that the slot is on its way; what is absent in the source is asked of the destination. */
  async beginMove(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
    await to.client.cluster('SETSLOT', slot, 'IMPORTING', from.id)
    await from.client.cluster('SETSLOT', slot, 'MIGRATING', to.id)
  }

  /** Takes all keys that are in the slot now across. */
  async moveKeys(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
    for (;;) {
      const keys = (await from.client.cluster('GETKEYSINSLOT', slot, 100)) as string[]
      if (keys.length === 0) return
      await from.client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'REPLACE', 'KEYS', ...keys)
    }
  }

  async endMove(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
    await to.client.cluster('SETSLOT', slot, 'NODE', to.id)
    // A master that hears of having lost its last slot becomes a replica of the one that has it.
    const becomesReplica = (error: Error) => {
      if (!error.message.includes('only with masters')) throw error
    }
    await from.client.cluster('SETSLOT', slot, 'NODE', to.id).catch(becomesReplica)
  }

  /** As the tools do it. */
  async move(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
    await this.beginMove(slot, from, to)
    await this.moveKeys(slot, from, to)
    await this.endMove(slot, from, to)
  }

  /** Moves many slots, some at a time. */
  async moveAll(slots: readonly number[], from: ClusterNode, to: ClusterNode): Promise<void> {
    for (let at = 0; at < slots.length; at += MOVES_AT_ONCE) {
      await Promise.all(slots.slice(at, at + MOVES_AT_ONCE).map((slot) => this.move(slot, from, to)))
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #form(masters: number, replicasEach: number): Promise<void> {
    const [first] = this.masters as [ClusterNode]
    for (const [index, master] of this.masters.slice(0, masters).entries()) {
      const from = Math.floor((index * SLOTS) / masters)
      const to = Math.floor(((index + 1) * SLOTS) / masters) - 1
      await master.client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      await master.client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    }
    for (const node of this.nodes.slice(1)) {
      const [bus] = (await node.client.config('GET', 'cluster-port')).slice(1)
      await first.client.call('CLUSTER', 'MEET', '127.0.0.1', node.port, bus as string)
    }
    await this.#agreed((info) => info.includes(`cluster_known_nodes:${this.nodes.length}`))
    for (const [index, replica] of this.replicas.entries()) {
      const master = this.masters[Math.floor(index / replicasEach)] as ClusterNode
      await until('a replica that knows its master', () =>
        replica.client.cluster('REPLICATE', master.id).then(
          () => true,
          () => false,
        ),
      )
    }
    await this.#agreed((info) => info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`))
    for (const replica of this.replicas) {
      await until('a replica in step', async () =>
        (await replica.client.info('replication')).includes('link_status:up'),
      )
    }
    await until('replicas that all know of', async () => {
      const [, , ...owners] = ((await first.client.cluster('SLOTS')) as unknown[][])[0] as unknown[]
      return owners.length === 1 + replicasEach
    })
  }

  async #agreed(condition: (info: string) => boolean): Promise<void> {
    for (const node of this.nodes) {
      await until('nodes that agree', async () => condition(String(await node.client.cluster('INFO'))))
    }
  }
}
