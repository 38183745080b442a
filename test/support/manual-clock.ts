import type { Clock, Timer } from '../../src/base/clock.ts'

interface Alarm {
  readonly at: number
  readonly run: () => void
}

/** Time moved by hand. Timers fire in the order of their moments, each at exactly its own. */
export class ManualClock implements Clock {
  #now = 0
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  wall(): number {
    return 1_700_000_000_000 + this.#now
  }

  after(delayMs: number, run: () => void): Timer {
    const alarm = { at: this.#now + Math.max(0, delayMs), run }
    this.#alarms.add(alarm)
    return { cancel: () => void this.#alarms.delete(alarm) }
  }

  soon(run: () => void): void {
    setImmediate(run)
  }

  /** Timers that are still to fire. */
  get pending(): number {
    return this.#alarms.size
  }

  /** Moves time on, firing what falls due, and lets promises and I/O of the same turn settle after each. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await this.#settle()
    for (;;) {
      const next = [...this.#alarms].filter((alarm) => alarm.at <= target).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#alarms.delete(next)
      this.#now = next.at
      next.run()
      await this.#settle()
    }
    this.#now = target
    await this.#settle()
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}
