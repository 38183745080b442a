import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { atExit } from './at-exit.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** A real redis-server on a free port, which writes nothing to disk unless it is told to; it ends with this process. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** A plain client beside the code under test; closed by `stop`. */
  readonly client: Redis
  /** SIGKILL: gone in mid-sentence. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay, answers do not come. */
  freeze(): void
  thaw(): void
  /** What is in memory now is what `restart` brings back. */
  snapshot(): Promise<void>
  /** Starts it again on the same port: with its last snapshot, empty if there was none. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'ringside-redis-'))
  let child = launch(port, directory, settings)
  const forget = atExit(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const client = new Redis(port, '127.0.0.1', {
    retryStrategy: (attempt) => Math.min(20 * attempt, 200),
    maxRetriesPerRequest: null,
    ...passwordOf(settings),
  })
  client.on('error', () => undefined)
  await answers(client)
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    kill: () => end(child, 'SIGKILL'),
    freeze: () => stopped(child),
    thaw: () => void child.kill('SIGCONT'),
    snapshot: async () => void (await client.save()),
    async restart() {
      await end(child, 'SIGKILL')
      child = launch(port, directory, settings)
      await answers(client)
    },
    async stop() {
      client.disconnect()
      await end(child, 'SIGKILL')
      forget()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function launch(port: number, directory: string, settings: readonly string[]): ChildProcess {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no']
  return spawn('redis-server', [...fixed, ...settings], { stdio: 'ignore' })
}

function passwordOf(settings: readonly string[]): { password?: string } {
  const at = settings.indexOf('--requirepass')
  const password = at < 0 ? undefined : settings[at + 1]
  return password === undefined ? {} : { password }
}

async function answers(client: Redis): Promise<void> {
  await until('an answer of redis-server', async () => (await client.ping().catch(() => '')) === 'PONG')
}

/** From its return on the process runs nothing: the signal alone may still let it finish what it has at hand. */
function stopped(child: ChildProcess): void {
  child.kill('SIGSTOP')
  while (!/\) [TZX] /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'))) {}
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGCONT')
    child.kill(signal)
  })
}
