import type { Clock } from '../base/clock.ts'

/** What a rate brings in so long may be spent at once. */
const DEPTH_S = 0.1

export interface TokenBucketOptions {
  /** More than 0. */
  readonly perSecond: number
  /** The part of that, 0 to 1, that comes in at present. */
  readonly share: () => number
}

/**
 * Lets through so many a second, and a burst of a tenth of that. (The committed rate and burst of RFC 2697, without its
 * colours.)
 */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  readonly #clock: Clock
  #tokens: number
  #filledAt: number

  constructor(options: TokenBucketOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#tokens = this.#depth
    this.#filledAt = clock.now()
  }

  /** Whole tokens at hand. */
  get available(): number {
    this.#fill()
    return Math.floor(this.#tokens)
  }

  /** Milliseconds until the next whole token; `Infinity` where none comes in. */
  get nextInMs(): number {
    this.#fill()
    const missing = 1 - this.#tokens
    return missing <= 0 ? 0 : (missing / this.#rate) * 1_000
  }

  /** At most as many as are available. */
  take(count: number): void {
    this.#tokens -= count
  }

  get #rate(): number {
    return this.#options.perSecond * this.#options.share()
  }

  /** A rate below ten a second still has to bring in whole ones. */
  get #depth(): number {
    const rate = this.#rate
    return rate === 0 ? 0 : Math.max(1, rate * DEPTH_S)
  }

  /** What came in since is reckoned at the present rate; of one that was larger or smaller, no more than a burst is kept. */
  #fill(): void {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#depth, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#rate)
    this.#filledAt = now
  }
}
