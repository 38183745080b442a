import type { Clock, Timer } from '../../src/base/clock.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * Time as one simulated process sees it: a monotonic clock with a zero of its own, and a wall clock that is wrong. What a
 * stopped process was to do waits until it goes on; what a dead one was to do is never done.
 */
export class ProcessClock implements Clock {
  readonly #world: Scheduler
  readonly #zeroMs: number
  readonly #skewMs: number
  #state: 'running' | 'stopped' | 'dead' = 'running'
  #missed: (() => void)[] = []

  constructor(world: Scheduler, zeroMs: number, skewMs: number) {
    this.#world = world
    this.#zeroMs = zeroMs
    this.#skewMs = skewMs
  }

  now(): number {
    return this.#world.now + this.#zeroMs
  }

  wall(): number {
    return 1_700_000_000_000 + this.#world.now + this.#skewMs
  }

  /** A moment of this clock as the world's. */
  toWorld(moment: number): number {
    return moment - this.#zeroMs
  }

  after(delayMs: number, run: () => void): Timer {
    let isCancelled = false
    this.#world.plan(delayMs, () => this.deliver(() => (isCancelled ? undefined : run())))
    return {
      cancel: () => {
        isCancelled = true
      },
    }
  }

  soon(run: () => void): void {
    this.after(0, run)
  }

  /** Something comes to the process from outside, or from its own past. */
  deliver(run: () => void): void {
    if (this.#state === 'running') run()
    else if (this.#state === 'stopped') this.#missed.push(run)
  }

  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped'
  }

  goOn(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    for (const run of this.#missed.splice(0)) this.#world.plan(0, () => this.deliver(run))
  }

  die(): void {
    this.#state = 'dead'
    this.#missed = []
  }
}
