import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { atExit } from '../../support/at-exit.ts'

const MARK = 'ringside-done'

/** One `psql` that commits each statement by itself, as a hand at the keyboard does. */
export class Psql {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve(): void; reject(error: Error): void }[] = []
  readonly #forget: () => void
  #complaints = ''

  constructor(url: string) {
    this.#child = spawn('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', url])
    this.#forget = atExit(() => this.#child.kill('SIGKILL'))
    createInterface(this.#child.stdout).on('line', (line) => {
      if (line === MARK) this.#waiting.shift()?.resolve()
    })
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints += chunk.toString()
    })
    this.#child.once('exit', () => {
      for (const one of this.#waiting.splice(0)) one.reject(new Error(`psql has ended: ${this.#complaints}`))
    })
  }

  /** Resolves when the statement has been carried out, and is committed. */
  run(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin.write(`${sql};\n\\echo ${MARK}\n`)
    })
  }

  close(): void {
    this.#forget()
    this.#child.kill('SIGKILL')
  }
}
