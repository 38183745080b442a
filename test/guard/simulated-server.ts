import { AdaptiveLimit, type AdaptiveLimitOptions } from '../../src/guard/adaptive-limit.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** How the server does at a time: so many calls at once at full speed, the others queue inside it. */
export interface Server {
  readonly workers: number
  readonly serviceMs: number
  /** Share of its answers that are errors, spread evenly. */
  readonly failing?: number
}

interface Call {
  readonly sentAt: number
  readonly endsAt: number
  readonly fails: boolean
}

/** Calls that were let through by a limit to a server of a few workers, one event after the other. */
export class SimulatedLoad {
  readonly limit: AdaptiveLimit
  #now = 0
  #calls: Call[] = []
  #owedFailures = 0

  constructor(options: AdaptiveLimitOptions) {
    const clock = Object.assign(new ManualClock(), { now: () => this.#now })
    this.limit = new AdaptiveLimit(options, { clock, classify: () => 'failure' })
  }

  get now(): number {
    return this.#now
  }

  /** Ends `calls` calls, with always as many under way as the limit and `demand` allow; the limits seen on the way. */
  run(calls: number, server: Server, demand = Number.POSITIVE_INFINITY): number[] {
    const seen: number[] = []
    for (let ended = 0; ended < calls; ended += 1) {
      while (this.#calls.length < Math.min(this.limit.current, demand)) this.#send(server)
      this.#endNext()
      seen.push(this.limit.current)
    }
    return seen
  }

  #send({ workers, serviceMs, failing = 0 }: Server): void {
    const ends = this.#calls.map((call) => call.endsAt).sort((a, b) => b - a)
    const freeAt = Math.max(this.#now, ends[workers - 1] ?? 0)
    this.#owedFailures += failing
    const fails = this.#owedFailures >= 1
    if (fails) this.#owedFailures -= 1
    this.#calls.push({ sentAt: this.#now, endsAt: freeAt + serviceMs, fails })
  }

  #endNext(): void {
    const running = this.#calls.length
    const next = this.#calls.reduce((first, call) => (call.endsAt < first.endsAt ? call : first))
    this.#calls = this.#calls.filter((call) => call !== next)
    this.#now = next.endsAt
    if (next.fails) this.limit.failed(next.sentAt, running, new Error('down'))
    else this.limit.answered(next.sentAt, running)
  }
}
