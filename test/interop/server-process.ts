import { spawn } from 'node:child_process'
import type { Engine } from '../support/engines.ts'
import { beside } from './peer.ts'

export interface ServerProcess {
  readonly target: string
  /** How the process ended, if it did before it was told to. */
  died(): string | undefined
  stop(): void
}

/** Starts `serve.ts`, so that a server that dies is seen to die. */
export async function startServer(engine: Engine): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', beside('serve.ts'), '--engine', engine], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let end: string | undefined
  child.once('exit', (code, signal) => {
    end = `the server ended with ${signal ?? code}`
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const target = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().replace('listening on ', '').trim()))
    child.once('exit', () => reject(new Error(end)))
  })
  return {
    target,
    died: () => end,
    stop: () => {
      child.removeAllListeners('exit')
      child.kill()
    },
  }
}
