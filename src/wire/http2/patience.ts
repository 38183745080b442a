import type { Clock } from '../../base/clock.ts'
import { ConnectionFault, ENHANCE_YOUR_CALM } from './fault.ts'

/** What costs a peer nothing to send, and us work to take: [at once, per second]. */
const ALLOWANCES = {
  // Of streams that the peer resets (rapid reset, CVE-2023-44487): hedging clients cancel much, attackers all of them.
  reset: [2_000, 500],
  // Of streams that are in error by the peer's own fault.
  fault: [200, 50],
  // Of streams above the limit, which a client may open before it has heard of the limit.
  refused: [5_000, 1_000],
  ping: [200, 20],
  settings: [50, 5],
  // Of frames that carry nothing (CVE-2019-9518) or only priorities.
  empty: [2_000, 200],
  // Of WINDOW_UPDATE by very small amounts.
  window: [20_000, 10_000],
} as const

export type Nuisance = keyof typeof ALLOWANCES

/** How often a peer may do what is allowed but of no use: token buckets, beyond which its connection ends. */
export class Patience {
  readonly #clock: Clock
  readonly #left = new Map<Nuisance, { tokens: number; at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws a `ConnectionFault` (ENHANCE_YOUR_CALM) when there was too much of it. */
  spend(nuisance: Nuisance): void {
    const [most, perSecond] = ALLOWANCES[nuisance]
    const now = this.#clock.now()
    const bucket = this.#left.get(nuisance) ?? { tokens: most, at: now }
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) * perSecond) / 1_000) - 1
    bucket.at = now
    this.#left.set(nuisance, bucket)
    if (bucket.tokens < 0) throw new ConnectionFault(ENHANCE_YOUR_CALM, `too many frames of the kind: ${nuisance}`)
  }
}
