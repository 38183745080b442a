import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('client.py', import.meta.url))

export interface PythonCall {
  readonly method: 'Get' | 'BatchGet' | 'Set' | 'Invalidate' | 'Check'
  readonly request: object
  /** Seconds. */
  readonly timeout?: number
}

/** Makes calls, one after the other on one connection, with the gRPC implementation of Python; see `client.py`. */
export async function callFromPython(target: string, calls: readonly PythonCall[]): Promise<unknown[]> {
  // Debian's grpcio is seen by its own interpreter only.
  const python = spawn('/usr/bin/python3', [SCRIPT, target], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  python.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  python.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  python.stdin.end(calls.map((call) => `${JSON.stringify(call)}\n`).join(''))
  const code = await new Promise((resolve, reject) => {
    python.once('error', reject)
    python.once('close', resolve)
  })
  if (code !== 0) throw new Error(`the Python client ended with ${code}: ${errors}`)
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
