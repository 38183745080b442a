import type { Epoch } from './epoch.ts'
import type { Pulse } from './operations.ts'

/**
 * Ends the epoch of a shard that may hold what was promised to be gone, so that nothing of it is ever answered. It is
 * said with heartbeats, until one of them tells that it has come about. `Owed`: what its end makes good.
 */
export class EpochEnding<Owed> {
  #wanted: { readonly epoch: Epoch; readonly owed: Owed } | undefined

  /** The epoch that is to end with the next heartbeat. */
  get epoch(): Epoch | undefined {
    return this.#wanted?.epoch
  }

  /**
   * Whether an epoch has ended for this since it was first asked: what that has made good, else `undefined`. While none
   * has, the present one is to end, for all that is `owed` by now. Nothing older than that end is accepted, or it was another's.
   */
  ended({ epoch, past, accepted }: Pulse, owed: Owed): Owed | undefined {
    const wanted = this.#wanted
    if (wanted === undefined || wanted.epoch === epoch || past !== undefined || accepted.length > 0) {
      this.#wanted = { epoch, owed }
      return undefined
    }
    this.#wanted = undefined
    return wanted.owed
  }

  /** It need not end any more. */
  forget(): void {
    this.#wanted = undefined
  }
}
