import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * A client program. Takes `HOST:PORT` and the names of cases, and prints a line for each: `ok CASE` or
 * `not ok CASE: why`. One that dies in a case prints nothing for it.
 */
export type Peer = readonly string[]

export interface Ended {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** A case hangs no longer than this. */
const LIMIT_MS = 45_000

/** A file or folder beside this one. */
export function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** Debian's grpcio is seen by its own interpreter only. */
export const PYTHON: Peer = ['/usr/bin/python3', beside('grpc_interop.py')]

/** Runs a program to its end; rejects only when it cannot be started. */
export function runProgram(
  [program = '', ...args]: readonly string[],
  { cwd = process.cwd(), env = {}, limitMs = LIMIT_MS } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      timeout: limitMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    )
  })
}

/** What the program printed for the cases, with a line of our own for those that it did not live to tell of. */
export async function runPeer(peer: Peer, target: string, cases: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram([...peer, target, ...cases])
  const lines = stdout.toString().split('\n')
  return cases.map((name) => {
    const told = lines.find((line) => line === `ok ${name}` || line.startsWith(`not ok ${name}: `))
    return told ?? `not ok ${name}: ended with ${code}: ${stderr.trim().split('\n').at(-1)}`
  })
}
