import type { Clock } from '../base/clock.ts'

/** Rings once for whoever listens; a ring before that counts too, until it is hushed. */
export class Bell {
  readonly #clock: Clock
  #rung = false
  #listener: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#listener?.()
  }

  hush(): void {
    this.#rung = false
  }

  /** Resolves with the next ring, at once if there was one, and after `mostMs` at the latest. */
  heard(mostMs: number): Promise<void> {
    if (this.#rung) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#clock.after(mostMs, () => this.#listener?.())
      this.#listener = () => {
        timer.cancel()
        this.#listener = undefined
        resolve()
      }
    })
  }
}
