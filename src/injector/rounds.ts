import type { Clock, Timer } from '../base/clock.ts'

/** Runs something again and again, each time `everyMs` after the last has ended. */
export class Rounds {
  readonly #run: () => Promise<void>
  readonly #everyMs: number
  readonly #clock: Clock
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(everyMs: number, clock: Clock, run: () => Promise<void>) {
    this.#everyMs = everyMs
    this.#clock = clock
    this.#run = run
  }

  start(): void {
    this.#running = this.#run().then(() => {
      if (!this.#closed) this.#timer = this.#clock.after(this.#everyMs, () => this.start())
    })
  }

  /** Resolves when what is running has ended; nothing runs afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#running
  }
}
