import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { atExit } from './at-exit.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const EXAMPLE = 'k8s/examples/redis'
/** Each pod has an address, and all of them the same ports. */
const HOSTS = ['127.0.0.11', '127.0.0.12', '127.0.0.13']
const PASSWORDS = { RINGSIDE_PASSWORD: 'ringside', REPLICA_PASSWORD: 'replica', SENTINEL_PASSWORD: 'sentinel' }
const DOWN_AFTER_MS = 4_000

/** The servers and Sentinels of the example for Kubernetes, started by its own scripts with its own settings. */
export class ExampleRedis {
  readonly password = PASSWORDS.RINGSIDE_PASSWORD
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringside-example-'))
  readonly #children = new Map<string, ChildProcess>()
  readonly #clients = new Map<string, Redis>()
  readonly #forget = atExit(() => this.#abandon())
  #ports = { redis: 0, sentinel: 0 }

  static async start(): Promise<ExampleRedis> {
    const example = new ExampleRedis()
    cpSync(EXAMPLE, join(example.#folder, 'settings'), { recursive: true })
    // The example has no user that may do everything; whoever looks into the servers from outside is one.
    appendFileSync(join(example.#folder, 'settings', 'users.acl'), 'user onlooker on >onlooker ~* &* +@all\n')
    example.#ports = { redis: await freePort(), sentinel: await freePort() }
    for (const host of HOSTS) {
      example.#launch(host, 'redis')
      await until(
        `the server ${host}`,
        async () =>
          (await example
            .at(host)
            .ping()
            .catch(() => '')) === 'PONG',
      )
    }
    for (const host of HOSTS) example.#launch(host, 'sentinel')
    await until('a primary with two replicas', async () => (await example.primary()).replicas === 2)
    return example
  }

  /** Where Sentinels are, as a configuration names them. */
  get sentinels(): readonly string[] {
    return HOSTS.map((host) => `${host}:${this.#ports.sentinel}`)
  }

  /** A client that may do everything. */
  at(host: string): Redis {
    let client = this.#clients.get(host)
    if (client === undefined) {
      client = this.client(host, { username: 'onlooker', password: 'onlooker' })
      this.#clients.set(host, client)
    }
    return client
  }

  client(host: string, login: { username: string; password: string }): Redis {
    const client = new Redis(this.#ports.redis, host, { ...login, retryStrategy: () => 50, commandTimeout: 2_000 })
    client.on('error', () => undefined)
    return client
  }

  /** Whom its servers take for the primary; the host is empty while that is nobody. */
  async primary(): Promise<{ host: string; replicas: number }> {
    for (const host of HOSTS.filter((one) => this.#children.has(`redis ${one}`))) {
      const info = await this.at(host)
        .info('replication')
        .catch(() => '')
      const online = [...info.matchAll(/^slave\d+:.*state=online/gm)].length
      if (info.includes('role:master')) return { host, replicas: online }
    }
    return { host: '', replicas: 0 }
  }

  /** What users were denied, on all servers that live. */
  async denied(): Promise<string[]> {
    const hosts = HOSTS.filter((host) => this.#children.has(`redis ${host}`))
    const logs = await Promise.all(hosts.map((host) => this.at(host).acl('LOG') as Promise<unknown[][]>))
    return logs.flat().map((entry) => entry.map(String).join(' '))
  }

  async kill(host: string): Promise<void> {
    const name = `redis ${host}`
    const child = this.#children.get(name) as ChildProcess
    this.#children.delete(name)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Starts a server again that was killed, as the kubelet would. */
  async restart(host: string): Promise<void> {
    this.#launch(host, 'redis')
    await until(
      `the server ${host}`,
      async () =>
        (await this.at(host)
          .ping()
          .catch(() => '')) === 'PONG',
    )
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.disconnect()
    const ended = [...this.#children.values()].map((child) => once(child, 'exit'))
    this.#abandon()
    await Promise.all(ended)
    this.#forget()
  }

  #launch(host: string, what: 'redis' | 'sentinel'): void {
    const data = join(this.#folder, `${what}-${host}`)
    mkdirSync(data, { recursive: true })
    const env = {
      ...process.env,
      ...PASSWORDS,
      SELF: host,
      PEERS: HOSTS.join(' '),
      BIND: host,
      DATA: data,
      REDIS_PORT: String(this.#ports.redis),
      SENTINEL_PORT: String(this.#ports.sentinel),
      DOWN_AFTER_MS: String(DOWN_AFTER_MS),
    }
    const script = join(this.#folder, 'settings', `start-${what}.sh`)
    this.#children.set(`${what} ${host}`, spawn('sh', [script], { env, stdio: 'ignore' }))
  }

  #abandon(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
