import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Servers run on one core, and what puts load on them on the other. */
export const SERVER_CORE = 0
export const LOAD_CORE = 1

const pins = spawnSync('taskset', ['--version']).status === 0

function pinned(core: number, command: readonly string[]): readonly [string, string[]] {
  const [program, ...args] = pins ? ['taskset', '-c', String(core), ...command] : command
  return [program as string, args]
}

/** A process that goes on until it is stopped; ready when it has written its first line. */
export async function startChild(core: number, command: readonly string[]): Promise<ChildProcess> {
  const [program, args] = pinned(core, command)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  await new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve())
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} exited with ${code}`)))
  })
  child.stdout?.resume()
  return child
}

/** A process that ends by itself: what it wrote. */
export function runChild(core: number, command: readonly string[]): Promise<string> {
  const [program, args] = pinned(core, command)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command.join(' ')} exited with ${code}`)),
    )
  })
}

/** Moves a process that runs already. */
export function moveTo(core: number, pid: number): void {
  if (pins) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}
