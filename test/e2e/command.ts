import { spawn } from 'node:child_process'

export interface Running {
  /** All that it has printed, once it has ended; rejects when it fails. */
  readonly ended: Promise<string>
  /** Its first line, as soon as it is there. */
  readonly firstLine: Promise<string>
}

/** Starts a command. */
export function start(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const { promise: firstLine, resolve: tellFirstLine } = deferred<string>()
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (stdout.includes('\n')) tellFirstLine(stdout.slice(0, stdout.indexOf('\n')))
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      tellFirstLine(stdout)
      if (code === 0) resolve(stdout.trim())
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${stdout}${stderr}`))
    })
  })
  return { ended, firstLine }
}

/** What a command prints; rejects with all that it said when it fails. */
export function output(command: string, args: readonly string[]): Promise<string> {
  return start(command, args).ended
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
