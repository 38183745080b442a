import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ContenderLine } from './contender.ts'

export interface ContenderOptions {
  readonly name: string
  /** Of its sidecar. */
  readonly target: string
  readonly database: string
  readonly ttlMs: number
  readonly seed: number
}

/** A contender, and what it has seen so far. */
export class ContenderProcess {
  readonly name: string
  readonly counts = new Map<ContenderLine['event'], number>()
  /** It was refused while its lock stood for certain. */
  readonly robberies: string[] = []
  readonly #child: ChildProcess
  readonly #ready: Promise<void>

  constructor({ name, target, database, ttlMs, seed }: ContenderOptions) {
    this.name = name
    const args = [name, target, database, String(ttlMs), String(seed)]
    const program = ['--import', 'tsx', 'test/torture/locks/contender.ts', ...args]
    this.#child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => this.#hear(JSON.parse(line) as ContenderLine))
    this.#ready = once(lines, 'line').then(() => undefined)
  }

  ready(): Promise<void> {
    return this.#ready
  }

  count(event: ContenderLine['event']): number {
    return this.counts.get(event) ?? 0
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Lets it finish its turn. */
  async finish(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await gone
  }

  /** SIGKILL. */
  abandon(): void {
    this.#child.kill('SIGKILL')
  }

  #hear({ event, what }: ContenderLine): void {
    this.counts.set(event, this.count(event) + 1)
    if (event === 'robbed') this.robberies.push(what ?? '')
  }
}
