import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Tier } from '../store/tier.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'

/**
 * Reads back what this sidecar has just stored, so that the near cache keeps it for its whole life: a value that a script
 * set is not tracked, only one that was read.
 */
export class Keeping {
  readonly #store: Tier
  readonly #near: NearRung
  readonly #log: Log

  constructor(store: Tier, near: NearRung, log: Log) {
    this.#store = store
    this.#near = near
    this.#log = log
  }

  /** Returns at once; the read goes on behind. */
  keep(lookup: Lookup): void {
    if (!this.#near.wants(lookup)) return
    const mark = this.#near.mark()
    this.#store
      .home(lookup.physicalKey)
      .read(lookup.physicalKey, { tracked: true })
      .then((read) => {
        if (read.found) this.#near.admit(lookup, read, mark)
      })
      .catch((error: unknown) => {
        const { reason } = RingsideError.from(error)
        this.#log.debug({ keyspace: lookup.policy.name, reason }, 'value not kept near')
      })
  }
}
