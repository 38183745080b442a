import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Tier } from '../store/tier.ts'
import type { NearKey, NearRung } from './near-rung.ts'
import type { TagStamps } from './tag-stamps.ts'

/**
 * Reads what the near cache is to keep for its whole life, such as what this sidecar has just stored: a value that a script
 * set is not tracked, only one that was read.
 */
export class Keeping {
  readonly #store: Tier
  readonly #near: NearRung
  readonly #stamps: TagStamps
  readonly #log: Log

  constructor(store: Tier, near: NearRung, stamps: TagStamps, log: Log) {
    this.#store = store
    this.#near = near
    this.#stamps = stamps
    this.#log = log
  }

  /** Returns at once; the read goes on behind. */
  keep(key: NearKey): void {
    void this.take(key)
  }

  /** The same, for those who wait for it: false where there was nothing to keep, or the shard had no answer. Never rejects. */
  async take(key: NearKey): Promise<boolean> {
    const { policy, physicalKey } = key
    if (!this.#near.wants(key)) return false
    const mark = this.#near.mark()
    try {
      const read = await this.#store.home(physicalKey).read(physicalKey, { tracked: true })
      if (!read.found) return false
      this.#near.admit(key, read, mark)
      // What its tags say is kept with it.
      return (await this.#stamps.judge({ ...key, notBefore: read.sentAt }, read)) !== undefined
    } catch (error) {
      const { reason } = RingsideError.from(error)
      this.#log.debug({ keyspace: policy.name, reason }, 'value not kept near')
      return false
    }
  }
}
