import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { freePort } from './free-port.ts'

/** Enough to tell why it does not start. */
const KEPT_LINES = 200
const PASSWORD = 'only-for-tests'

/** A real PostgreSQL of its own, for one test file. Everything it makes lies in one temporary directory. */
export interface Postgres {
  /** For the user `ringside`, who needs the password in it. */
  readonly url: string
  readonly port: number
  /** Folder of the Unix socket, on which everybody is trusted. */
  readonly socketDirectory: string
  /** Runs SQL as superuser, on a connection of its own. */
  query<Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** How often statements like `pattern` (of LIKE) have run to their end, counted by PostgreSQL itself. */
  countCalls(pattern: string): Promise<number>
  /** `SIGSTOP` to the postmaster and all its backends: connections stay open, nothing answers. */
  freeze(): void
  thaw(): void
  /** `SIGKILL` to all of them. */
  kill(): Promise<void>
  /** Stops it, fast, if it still runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>
  /** Ends it and removes its directory. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Further lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told each line of the server's log. */
  readonly onLog?: (line: string) => void
}

/** Ready when it answers; takes about two seconds. As root the server runs as the user `postgres`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-pg-'))
  const data = join(directory, 'data')
  const port = await freePort()
  const owner = serverUser()
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  writeFileSync(join(directory, 'password'), PASSWORD)
  initialise(data, join(directory, 'password'), owner)
  const settings = {
    port: String(port),
    listen_addresses: "'127.0.0.1'",
    unix_socket_directories: `'${directory}'`,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    shared_preload_libraries: "'pg_stat_statements'",
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(join(data, 'postgresql.conf'), lines.join(''), { flag: 'a' })
  const server = new Server({ directory, data, port, owner, onLog: options.onLog ?? (() => undefined) })
  await server.launch()
  await server.query('create extension pg_stat_statements')
  await server.query(`create role ringside login superuser password '${PASSWORD}'`)
  return server
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

interface ServerParts {
  readonly directory: string
  readonly data: string
  readonly port: number
  readonly owner: Owner | undefined
  readonly onLog: (line: string) => void
}

class Server implements Postgres {
  readonly url: string
  readonly port: number
  readonly socketDirectory: string
  readonly #data: string
  readonly #owner: Owner | undefined
  readonly #onLog: (line: string) => void
  #process: ChildProcess | undefined
  readonly #cleanUp = () => {
    this.#signal('SIGKILL')
    rmSync(this.socketDirectory, { recursive: true, force: true })
  }

  constructor({ directory, data, port, owner, onLog }: ServerParts) {
    this.url = `postgres://ringside:${PASSWORD}@127.0.0.1:${port}/postgres`
    this.port = port
    this.socketDirectory = directory
    this.#data = data
    this.#owner = owner
    this.#onLog = onLog
    process.once('exit', this.#cleanUp)
  }

  async launch(): Promise<void> {
    const child = spawn(program('postgres'), ['-D', this.#data], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      ...this.#owner,
    })
    this.#process = child
    const log: string[] = []
    const lines = createInterface(child.stderr)
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        if (log.length < KEPT_LINES) log.push(line)
        if (line.includes('ready to accept connections')) resolve()
        this.#onLog(line)
      })
      lines.once('close', () => reject(new Error(`PostgreSQL did not start:\n${log.join('\n')}`)))
    })
  }

  async query<Row extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({
      host: this.socketDirectory,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
      application_name: 'test',
    })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(sql, [...values])).rows
    } finally {
      await client.end()
    }
  }

  async countCalls(pattern: string): Promise<number> {
    const sql = 'select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query like $1'
    const [row] = await this.query<{ calls: number }>(sql, [pattern])
    return row?.calls ?? 0
  }

  freeze(): void {
    this.#signal('SIGSTOP')
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.#end('SIGINT')
    await this.launch()
  }

  async stop(): Promise<void> {
    this.thaw()
    await this.#end('SIGQUIT')
    process.off('exit', this.#cleanUp)
    this.#cleanUp()
  }

  async #end(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    const backends = childrenOf(child.pid)
    // Only SIGKILL goes to the backends too: any other signal makes the postmaster end them itself.
    if (signal === 'SIGKILL') this.#signal(signal)
    else child.kill(signal)
    await ended
    // A backend that still lives would keep the next postmaster from starting.
    while (backends.some(isAlive)) await new Promise((resolve) => setImmediate(resolve))
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    const child = this.#process
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    // Stopped first: it makes no more backends then, and does not leave them to another parent by dying.
    if (signal !== 'SIGCONT') child.kill('SIGSTOP')
    for (const pid of childrenOf(child.pid)) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    child.kill(signal)
  }
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent
}

function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state
  return state !== undefined && state !== 'Z' && state !== 'X'
}

function statOf(pid: number): { readonly state: string | undefined; readonly parent: number } | undefined {
  try {
    // The second field, the name, may hold spaces and parentheses; then come the state and the parent.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** PostgreSQL refuses to run as root. */
function serverUser(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m)
  if (entry === null) throw new Error('as root the tests run PostgreSQL as user postgres, and there is none')
  return { uid: Number(entry[1]), gid: Number(entry[2]) }
}

function initialise(data: string, passwordFile: string, owner: Owner | undefined): void {
  if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
  const access = ['--auth-host=scram-sha-256', '--auth-local=trust', `--pwfile=${passwordFile}`]
  const args = ['-D', data, '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync', ...access]
  execFileSync(program('initdb'), args, { cwd: '/', stdio: 'pipe', ...owner })
}

function program(name: string): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(root, version, 'bin', name)).find((path) => existsSync(path))
  return found ?? name
}
