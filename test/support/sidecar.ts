import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { atExit } from './at-exit.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const LAST_WORDS = 2_000
const PROGRAM = resolve('dist/main.js')

/** A real sidecar process, as users run it; it ends with this process. */
export interface Sidecar {
  readonly pid: number
  readonly grpc: string
  readonly socket: string
  readonly admin: string
  /** Where others than the pod ask, if it was told to listen there. */
  readonly health: string
  readonly log: () => string
  /** How it has ended without being told to, with the end of its log; `undefined` while it runs. */
  readonly death: () => string | undefined
  /** One sample of `/metrics`, such as `ringside_origin_in_flight{origin="catalog"}`; 0 when it is not there. */
  metric(sample: string): Promise<number>
  /** All samples of `/metrics`. */
  metrics(): Promise<ReadonlyMap<string, number>>
  readiness(): Promise<{ status: number; body: { ready: boolean; reasons: string[] } }>
  residentBytes(): Promise<number>
  /** Changes its configuration file, which again lacks `listen`, in one step. */
  configure(config: string): void
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

export interface SidecarOptions {
  /** The configuration without `listen`, which is added; `undefined` = started without one. */
  readonly config: string
  readonly env?: Readonly<Record<string, string>>
  /**
   * Whether it refuses calls while its event loop is late, as it does by default. A test that says nothing of that, nor of
   * limits, is not to depend on how busy its machine is.
   */
  readonly sheds?: boolean
  /** Do not wait until it is ready, only until it listens. */
  readonly unready?: boolean
  /** Runs it on this core only. */
  readonly core?: number
  /** What serves; the default of the configuration if absent. */
  readonly engine?: 'wire' | 'grpc-js'
  /** Listens for probes from outside as well. */
  readonly probed?: boolean
  /** The built program, of another version than this one. */
  readonly program?: string | undefined
  /** The path of its socket, for one that comes back where another was; in a folder of its own if absent. */
  readonly at?: string
}

export async function startSidecar({
  config,
  env = {},
  sheds = false,
  unready = false,
  core,
  engine,
  probed = false,
  program: built = PROGRAM,
  at,
}: SidecarOptions): Promise<Sidecar> {
  if (!existsSync(built)) throw new Error('dist/main.js is missing; run npm run build first')
  const directory = mkdtempSync(join(tmpdir(), 'ringside-sidecar-'))
  const [grpc, admin, health, socket] = [
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
    `127.0.0.1:${await freePort()}`,
    at ?? join(directory, 's.sock'),
  ]
  const file = join(directory, 'ringside.yaml')
  const served = `${engine === undefined ? '' : `, engine: ${engine}`}${probed ? `, health: "${health}"` : ''}`
  const configure = (text: string) => {
    const limits = sheds || /^limits:/m.test(text) ? '' : 'limits: { loopLag: 0s }\n'
    const listen = `listen: { grpc: "${grpc}", admin: "${admin}", socket: "${socket}"${served} }`
    writeFileSync(`${file}.new`, `${text}\n${limits}${listen}\n`)
    renameSync(`${file}.new`, file)
  }
  configure(config)
  const command = [process.execPath, built, '--config', file]
  const [program, ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(program as string, args, { env: { ...process.env, ...env } })
  const forget = atExit(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const page = async (path: string) => {
    const response = await fetch(`http://${admin}${path}`)
    return { status: response.status, text: await response.text() }
  }
  await until(`a sidecar (${config})`, async () => {
    if (child.exitCode !== null) throw new Error(`the sidecar exited with ${child.exitCode}:\n${log}`)
    const answer = await page('/readyz').catch(() => undefined)
    return answer?.status === 200 || (unready && answer !== undefined && !answer.text.includes('starting'))
  })
  const exited = async (signal: NodeJS.Signals) => {
    const code = await end(child, signal)
    forget()
    rmSync(directory, { recursive: true, force: true })
    return code
  }
  const metrics = async () => {
    const lines = (await page('/metrics')).text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    )
  }
  const metric = async (sample: string) => (await metrics()).get(sample) ?? 0
  return {
    pid: child.pid as number,
    grpc,
    socket,
    admin,
    health,
    log: () => log,
    death() {
      const how = child.exitCode ?? child.signalCode
      return how === null ? undefined : `ended with ${how}: ${log.slice(-LAST_WORDS)}`
    },
    metric,
    metrics,
    async readiness() {
      const { status, text } = await page('/readyz')
      return { status, body: JSON.parse(text) }
    },
    configure,
    residentBytes: () => metric('process_resident_memory_bytes'),
    stop: () => exited('SIGTERM'),
    kill: async () => void (await exited('SIGKILL')),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return child.exitCode
}
