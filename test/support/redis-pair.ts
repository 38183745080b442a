import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { TcpForwarder } from './tcp-forwarder.ts'
import { until } from './until.ts'

const COMMON = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']

/** One redis-server with a folder and a port of its own, which it keeps when it is started again. */
class RedisProcess {
  readonly port: number
  readonly #settings: readonly string[]
  #child: ChildProcess
  #client: Redis

  private constructor(port: number, settings: readonly string[]) {
    this.port = port
    this.#settings = settings
    this.#child = this.#launch()
    this.#client = this.#connect()
  }

  static async start(directory: string, settings: readonly string[]): Promise<RedisProcess> {
    const port = await freePort()
    const own = join(directory, String(port))
    mkdirSync(own)
    const server = new RedisProcess(port, ['--port', String(port), '--dir', own, ...COMMON, ...settings])
    await server.#answers()
    return server
  }

  /** A plain client of the server itself; every command fails after two seconds. */
  get client(): Redis {
    return this.#client
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

  /** With what lies in its folder: the last snapshot, or nothing. */
  async restart(): Promise<void> {
    await this.kill()
    this.#client.disconnect()
    this.#child = this.#launch()
    this.#client = this.#connect()
    await this.#answers()
  }

  async stop(): Promise<void> {
    this.#client.disconnect()
    await this.kill()
  }

  #launch(): ChildProcess {
    return spawn('redis-server', [...this.#settings], { stdio: 'ignore' })
  }

  #connect(): Redis {
    const client = new Redis(this.port, '127.0.0.1', {
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
      commandTimeout: 2_000,
    })
    client.on('error', () => undefined)
    return client
  }

  async #answers(): Promise<void> {
    await until(`redis-server on port ${this.port}`, async () => (await this.#client.ping().catch(() => '')) === 'PONG')
  }
}

/**
 * A real primary and its replica, which hears of changes over a road that a test can hold. Roles change hands; whoever
 * leads clients here points them to `primary.port` anew after `failOver`.
 */
export class RedisPair {
  readonly #directory: string
  readonly #settings: readonly string[]
  readonly #road: TcpForwarder
  #primary: RedisProcess
  #replica: RedisProcess | undefined

  private constructor(directory: string, settings: readonly string[], primary: RedisProcess, road: TcpForwarder) {
    this.#directory = directory
    this.#settings = settings
    this.#primary = primary
    this.#road = road
  }

  static async start(settings: readonly string[] = []): Promise<RedisPair> {
    const directory = mkdtempSync(join(tmpdir(), 'ringside-pair-'))
    const primary = await RedisProcess.start(directory, settings)
    const pair = new RedisPair(directory, settings, primary, await TcpForwarder.start(primary.port))
    await pair.attachReplica()
    return pair
  }

  get primary(): { readonly port: number; readonly client: Redis } {
    return this.#primary
  }

  get replica(): { readonly port: number; readonly client: Redis } {
    return this.#follower()
  }

  freeze(): void {
    this.#primary.signal('SIGSTOP')
  }

  thaw(): void {
    this.#primary.signal('SIGCONT')
  }

  /** What is in memory now is what `restart` brings back. */
  async snapshot(): Promise<void> {
    await this.#primary.client.save()
  }

  kill(): Promise<void> {
    return this.#primary.kill()
  }

  /** Starts the primary again from its last snapshot; without one it is empty. The replica follows a little later. */
  async restart(): Promise<void> {
    await this.#primary.restart()
    this.#road.cut()
  }

  /** From now on the replica hears nothing, and does not notice. */
  lag(): void {
    this.#road.hold()
  }

  catchUp(): void {
    this.#road.release()
  }

  /** The primary dies, and what the replica has not heard of dies with it; the replica takes its place. */
  async failOver(): Promise<void> {
    const heir = this.#follower()
    await this.#primary.kill()
    this.#road.refuse()
    await heir.client.replicaof('NO', 'ONE')
    await this.#primary.stop()
    this.#primary = heir
    this.#replica = undefined
    this.#road.point(heir.port)
    this.#road.release()
    this.#road.welcome()
  }

  /** A new, empty replica; resolves when it has everything. */
  async attachReplica(): Promise<void> {
    this.#replica = await RedisProcess.start(this.#directory, this.#settings)
    // Not among its settings: a replica that was promoted is to come back as a primary.
    await this.#replica.client.replicaof('127.0.0.1', this.#road.port)
    await this.inStep()
  }

  /** Resolves when the replica has a link to the primary and has received all that the primary has sent. */
  async inStep(): Promise<void> {
    const replica = this.#follower()
    await until('a replica in step with its primary', async () => {
      const info = await replica.client.info('replication').catch(() => '')
      return info.includes('master_link_status:up')
    })
  }

  /** As `stop`, at once, for a process that is about to exit itself. */
  abandon(): void {
    this.#primary.signal('SIGKILL')
    this.#replica?.signal('SIGKILL')
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async stop(): Promise<void> {
    await Promise.all([this.#primary.stop(), this.#replica?.stop(), this.#road.close()])
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #follower(): RedisProcess {
    if (this.#replica === undefined) throw new Error('the pair has no replica at the moment')
    return this.#replica
  }
}
