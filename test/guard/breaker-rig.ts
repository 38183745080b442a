import { type Breaker, type BreakerOptions, JudgedError, type Verdict } from '../../src/guard/breaker.ts'
import type { BreakerParts } from '../../src/guard/gated-breaker.ts'
import { ManualClock } from '../support/manual-clock.ts'

const OPTIONS: BreakerOptions = {
  name: 'db',
  consecutiveFailures: 3,
  failureRatio: 0.5,
  minimumCalls: 10,
  windowMs: 10_000,
  openForMs: 1_000,
  jitter: 0.5,
  slow: { afterMs: 200, ratio: 0.5 },
}

export class Refusal extends Error {}

export class Judged extends JudgedError {
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    super(verdict)
    this.verdict = verdict
  }
}

/** A call whose end is in the test's hand. */
export function pending(): { call: () => Promise<string>; succeed: () => void; fail: () => void } {
  const { promise, resolve, reject } = withResolvers()
  return { call: () => promise, succeed: () => resolve('late'), fail: () => reject(new Error('late')) }
}

export function withResolvers() {
  let resolve: (value: string) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<string>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

export const succeed = async () => 'ok'
export const fail = async (): Promise<string> => {
  throw new Error('down')
}
export const refuse = async (): Promise<string> => {
  throw new Refusal('bad key')
}

/** Makes the breaker under test. */
export type MakeBreaker = (options: BreakerOptions, parts: BreakerParts) => Breaker

/** Moves all of a breaker's time: its clock, and what else it counts by. */
export type Advance = (clock: ManualClock, ms: number) => Promise<void>

/** Breakers with time and chance in the test's hand. */
export class BreakerRig {
  readonly #make: MakeBreaker
  readonly #advance: Advance

  constructor(make: MakeBreaker, advance: Advance) {
    this.#make = make
    this.#advance = advance
  }

  build(options: Partial<BreakerOptions> = {}, uniform = 0) {
    const clock = new ManualClock()
    const chance = { uniform: () => uniform, bytes: (size: number) => Buffer.alloc(size) }
    const classify = (error: unknown): Verdict => (error instanceof Refusal ? 'refusal' : 'failure')
    const breaker = this.#make({ ...OPTIONS, ...options }, { clock, chance, classify })
    const advance = (ms: number) => this.#advance(clock, ms)
    const times = async (count: number, call: () => Promise<string>) => {
      for (let left = count; left > 0; left -= 1) await breaker.run(call).catch(() => {})
    }
    return { breaker, clock, advance, times }
  }
}
