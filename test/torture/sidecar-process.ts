import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

/** Long, since it starts on a machine that the others and their load keep busy. */
const READY_WITHIN_MS = 90_000

export interface SidecarProcessOptions {
  readonly name: string
  /** The built `main.js`. */
  readonly program: string
  /** For its files; kept when it is started again. */
  readonly directory: string
  /** Without `listen`. */
  readonly config: string
}

/** A sidecar that is killed, frozen and started again, always under the same addresses. */
export class SidecarProcess {
  readonly name: string
  readonly grpc: string
  readonly #admin: string
  readonly #program: string
  readonly #file: string
  readonly #listen: string
  #child: ChildProcess
  #log = ''

  private constructor(options: SidecarProcessOptions, grpc: string, admin: string) {
    this.name = options.name
    this.grpc = grpc
    this.#admin = admin
    this.#program = options.program
    this.#file = join(options.directory, 'ringside.yaml')
    const socket = join(options.directory, 's.sock')
    mkdirSync(options.directory, { recursive: true })
    this.#listen = `listen: { grpc: "${grpc}", admin: "${admin}", socket: "${socket}" }`
    this.configure(options.config)
    this.#child = this.#launch()
  }

  static async start(options: SidecarProcessOptions): Promise<SidecarProcess> {
    const [grpc, admin] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const sidecar = new SidecarProcess(options, grpc, admin)
    await sidecar.ready()
    return sidecar
  }

  /** The end of what it has logged, over all its lives. */
  get log(): string {
    return this.#log
  }

  /** Changes its file in one step; again without `listen`. A sidecar that runs takes it up. */
  configure(config: string): void {
    writeFileSync(`${this.#file}.new`, `${config}\n${this.#listen}\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** SIGKILL, for a process that is about to exit itself. */
  abandon(): void {
    this.#child.kill('SIGKILL')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async restart(): Promise<void> {
    await this.kill()
    this.#child = this.#launch()
    await this.ready()
  }

  /** One figure of `/metrics`; NaN when it is not there. */
  async metric(name: string): Promise<number> {
    const page = await fetch(`http://${this.#admin}/metrics`, { signal: AbortSignal.timeout(2_000) })
    const line = (await page.text()).split('\n').find((one) => one.startsWith(`${name} `))
    return Number(line?.slice(name.length + 1) ?? Number.NaN)
  }

  /** Why it would rather not be used; none = all is well. */
  async reasons(): Promise<readonly string[]> {
    const { reasons } = (await (await this.#readyz()).json()) as { reasons: string[] }
    return reasons
  }

  async ready(): Promise<void> {
    const isReady = async () => {
      const { exitCode } = this.#child
      if (exitCode !== null) throw new Error(`sidecar ${this.name} exited with ${exitCode}:\n${this.#log}`)
      const page = await this.#readyz().catch(() => undefined)
      return page?.status === 200
    }
    await until(`sidecar ${this.name}`, isReady, READY_WITHIN_MS)
  }

  #readyz(): Promise<Response> {
    return fetch(`http://${this.#admin}/readyz`, { signal: AbortSignal.timeout(2_000) })
  }

  #launch(): ChildProcess {
    const child = spawn(process.execPath, [this.#program, '--config', this.#file])
    const keep = (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    return child
  }
}
