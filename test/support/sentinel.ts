import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { atExit } from './at-exit.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface SentinelRigSettings {
  /** The name of the primary at the Sentinels. */
  readonly master?: string
  readonly replicas?: number
  readonly sentinels?: number
  /** How long a server gives no answer before it counts as down. */
  readonly downAfterMs?: number
  readonly redis?: readonly string[]
  readonly sentinel?: readonly string[]
  /** User and password of plain clients, where `redis` asks for them. */
  readonly login?: { readonly username?: string; readonly password: string }
  /** Password of the Sentinels, where `sentinel` asks for one. */
  readonly sentinelPassword?: string
}

const DOWN_AFTER_MS = 1_000
const QUIET = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']
/** As the README asks: a primary that nobody follows takes no writes. */
const GUARDED = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1']

/** One process of the rig, which keeps its folder and its port when it is started again. */
export class RigProcess {
  readonly port: number
  readonly client: Redis
  readonly #launch: () => ChildProcess
  #child: ChildProcess

  constructor(port: number, launch: () => ChildProcess, login: object) {
    this.port = port
    this.#launch = launch
    this.#child = launch()
    this.client = new Redis(port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
      commandTimeout: 2_000,
      protocol: 2,
      ...login,
    })
    this.client.on('error', () => undefined)
  }

  answers(): Promise<void> {
    return until(`port ${this.port}`, async () => (await this.client.ping().catch(() => '')) === 'PONG')
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  abandon(): void {
    this.#child.kill('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.kill()
    this.#child = this.#launch()
    await this.answers()
  }

  async stop(): Promise<void> {
    this.client.disconnect()
    await this.kill()
  }
}

/** A real primary with its replicas, and real Sentinels that watch them and let one of the replicas take over. */
export class SentinelRig {
  readonly master: string
  readonly servers: readonly RigProcess[]
  readonly sentinels: readonly RigProcess[]
  readonly #directory: string
  readonly #forget: () => void

  private constructor(
    master: string,
    directory: string,
    processes: { servers: readonly RigProcess[]; sentinels: readonly RigProcess[] },
  ) {
    this.master = master
    this.#directory = directory
    this.servers = processes.servers
    this.sentinels = processes.sentinels
    this.#forget = atExit(this.#abandon)
  }

  /** For a process that is about to exit itself. */
  readonly #abandon = (): void => {
    for (const one of [...this.sentinels, ...this.servers]) one.abandon()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  static async start(settings: SentinelRigSettings = {}): Promise<SentinelRig> {
    const { master = 'main', replicas = 2, sentinels = 3 } = settings
    const directory = mkdtempSync(join(tmpdir(), 'ringside-sentinel-'))
    const servers: RigProcess[] = []
    const watchers: RigProcess[] = []
    const rig = new SentinelRig(master, directory, { servers, sentinels: watchers })
    try {
      for (let index = 0; index <= replicas; index += 1) servers.push(await rig.#startServer(settings))
      for (let index = 0; index < sentinels; index += 1) watchers.push(await rig.#startSentinel(settings))
      await rig.#inStep(replicas, sentinels)
      return rig
    } catch (error) {
      await rig.stop()
      throw error
    }
  }

  /** Where the Sentinels are, as the configuration takes it. */
  get nodes(): readonly string[] {
    return this.sentinels.map(({ port }) => `127.0.0.1:${port}`)
  }

  /** The server that most of the reachable Sentinels name as the primary. */
  async primary(): Promise<RigProcess> {
    const named = await Promise.all(this.sentinels.map((sentinel) => this.#primaryAt(sentinel).catch(() => undefined)))
    const ports = named.filter((port) => port !== undefined)
    const port = ports.find((one) => ports.filter((other) => other === one).length * 2 > ports.length)
    const found = this.servers.find((server) => server.port === port)
    if (found === undefined) throw new Error('the Sentinels do not agree on a primary')
    return found
  }

  /** Resolves when another server than that one is the primary, and says so itself. */
  async failedOver(former: RigProcess): Promise<RigProcess> {
    let heir = former
    await until(
      'a failover',
      async () => {
        heir = await this.primary().catch(() => former)
        return heir !== former && (await roleOf(heir)) === 'master'
      },
      30_000,
    )
    return heir
  }

  /** Resolves when that server follows another one. */
  async demoted(former: RigProcess): Promise<void> {
    await until('a former primary that follows', async () => (await roleOf(former)) === 'slave', 30_000)
  }

  async stop(): Promise<void> {
    this.#forget()
    await Promise.all([...this.sentinels, ...this.servers].map((one) => one.stop()))
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #primaryAt({ client }: RigProcess): Promise<number> {
    const address = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.master)) as string[]
    return Number(address[1])
  }

  async #startServer({ redis = [], login = undefined }: SentinelRigSettings): Promise<RigProcess> {
    const port = await freePort()
    const own = join(this.#directory, String(port))
    mkdirSync(own)
    const first = this.servers[0]
    // In a file of its own, which the Sentinels have rewritten when the roles change.
    const follows = first === undefined ? '' : `replicaof 127.0.0.1 ${first.port}\n`
    writeFileSync(join(own, 'redis.conf'), follows)
    const settings = ['--port', String(port), '--dir', own, ...QUIET, ...GUARDED, ...redis]
    const launch = () => spawn('redis-server', [join(own, 'redis.conf'), ...settings], { stdio: 'ignore' })
    const server = new RigProcess(port, launch, login ?? {})
    await server.answers()
    return server
  }

  async #startSentinel(settings: SentinelRigSettings): Promise<RigProcess> {
    const { downAfterMs = DOWN_AFTER_MS, sentinel = [], login, sentinelPassword } = settings
    const port = await freePort()
    const own = join(this.#directory, String(port))
    mkdirSync(own)
    const { master } = this
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${own}`,
      `sentinel monitor ${master} 127.0.0.1 ${this.servers[0]?.port} 2`,
      `sentinel down-after-milliseconds ${master} ${downAfterMs}`,
      `sentinel failover-timeout ${master} 3000`,
      `sentinel parallel-syncs ${master} 2`,
      ...(login === undefined ? [] : [`sentinel auth-pass ${master} ${login.password}`]),
      ...(login?.username === undefined ? [] : [`sentinel auth-user ${master} ${login.username}`]),
      ...sentinel,
    ]
    const file = join(own, 'sentinel.conf')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const launch = () => spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
    const watcher = new RigProcess(port, launch, sentinelPassword === undefined ? {} : { password: sentinelPassword })
    await watcher.answers()
    return watcher
  }

  /** Every Sentinel knows all replicas and all other Sentinels, and the primary takes writes. */
  async #inStep(replicas: number, sentinels: number): Promise<void> {
    const has = async ({ client }: RigProcess) => {
      const state = (await client.call('SENTINEL', 'MASTER', this.master)) as string[]
      const field = (name: string) => Number(state[state.indexOf(name) + 1])
      return field('num-slaves') === replicas && field('num-other-sentinels') === sentinels - 1
    }
    await until(
      'Sentinels that know of each other',
      async () => (await Promise.all(this.sentinels.map(has))).every(Boolean),
      30_000,
    )
    const first = this.servers[0] as RigProcess
    await until('a primary that takes writes', async () => (await first.client.del('x').catch(() => -1)) === 0)
  }
}

async function roleOf({ client }: RigProcess): Promise<string> {
  const role = (await client.call('ROLE').catch(() => [''])) as string[]
  return role[0] as string
}
