import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pause, systemClock } from '../../../src/base/clock.ts'
import { atExit } from '../../support/at-exit.ts'
import type { Crowd } from './crowd.ts'
import type { DrillLoad } from './drill-load.ts'
import type { LoadLine } from './load-line.ts'
import type { Change, Observation } from './observation.ts'
import type { Slice } from './slice.ts'

/** A load in a process of its own, and what it has told so far. */
export class RunningLoad {
  /** Those of one number belong together. */
  readonly slices: Slice[] = []
  readonly changes: Change[] = []
  readonly breaches: Observation[] = []
  readonly shown = new Map<number, number>()
  #beganAt: number | undefined
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #forget: () => void

  constructor(load: DrillLoad) {
    const command = ['--import', 'tsx', 'test/drills/load/drill-load.ts', JSON.stringify(load)]
    this.#child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#forget = atExit(() => void this.#child.kill('SIGKILL'))
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => this.#heard(JSON.parse(line) as LoadLine))
    this.#closed = Promise.all([once(lines, 'close'), once(this.#child, 'exit')])
  }

  /** When it began. */
  async began(): Promise<number> {
    while (this.#beganAt === undefined) {
      if (this.#child.exitCode !== null) throw new Error('the load ended before it began')
      await pause(systemClock, 10)
    }
    return this.#beganAt
  }

  /** From now on keys count as asked for the first time again. */
  mark(): void {
    this.#child.stdin?.write('mark\n')
  }

  /** From now on most of the gets are for one key; `undefined`: no more. */
  crowd(crowd: Crowd | undefined): void {
    this.#child.stdin?.write(`crowd ${JSON.stringify(crowd ?? null)}\n`)
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#child.stdin?.end()
    await this.#closed
    this.#forget()
  }

  #heard(line: LoadLine): void {
    switch (line.kind) {
      case 'began':
        this.#beganAt = line.at
        return
      case 'slices':
        this.slices.push(...line.slices)
        return
      case 'changed':
        this.changes.push(line.change)
        return
      case 'ended':
        this.breaches.push(...line.breaches)
        for (const [key, revision] of line.shown) this.shown.set(key, revision)
    }
  }
}
