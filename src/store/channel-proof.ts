import type { Proof } from '../near/near-cache.ts'

/**
 * What a pair of connections vouches for: that every change up to `provenAt` to a key that was read through it has been
 * heard of. One for each pair in each epoch; near entries that were read through it point here.
 */
export class ChannelProof implements Proof {
  #provenAt = Number.NEGATIVE_INFINITY
  #lost = false

  get provenAt(): number {
    return this.#provenAt
  }

  /** Nothing that was read through it may be kept any more. */
  get lost(): boolean {
    return this.#lost
  }

  raise(moment: number): void {
    if (!this.#lost && moment > this.#provenAt) this.#provenAt = moment
  }

  lose(): void {
    this.#lost = true
    this.#provenAt = Number.NEGATIVE_INFINITY
  }
}
