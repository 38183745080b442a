import type { Clock } from '../base/clock.ts'
import type { Rules } from '../base/rules.ts'
import type { OpenLine } from './open-line.ts'
import type { EntryRecord } from './record.ts'
import type { Asked } from './requests.ts'
import type { Found } from './shard.ts'
import type { ShardLife } from './shard-life.ts'

/** What a server's answers are worth: since when they hold, and by what they may be kept. */
export class Evidence {
  /** Records that could not be understood; each counts as none. */
  malformed = 0
  readonly #rules: Rules
  readonly #clock: Clock
  readonly #life: ShardLife

  constructor(rules: Rules, clock: Clock, life: ShardLife) {
    this.#rules = rules
    this.#clock = clock
    this.#life = life
  }

  /** The entry with its `asOf`; `undefined` when it is of an epoch that has ended meanwhile. */
  found({ open, sentAt, heard }: Asked<unknown>, record: EntryRecord, entry: Found['entry']): Found | undefined {
    const asOf = open.asOf(record, open.vouchedAt(sentAt, heard), heard)
    if (asOf === undefined) return undefined
    const proof = this.#life.isTracked(open) && open.isProvable(record) ? open.proof : undefined
    return { entry, sentAt, asOf, proof }
  }

  record(record: EntryRecord | 'malformed' | undefined): EntryRecord | undefined {
    if (record === 'malformed') {
      this.malformed += 1
      return undefined
    }
    if (record !== undefined) this.#life.see(record.version)
    return record
  }

  /** The moment at which the server's clock showed `timeMs`, or one before that. */
  momentOf(open: OpenLine, timeMs: number): number {
    if (!this.#rules.ownClockOnly) return this.#clock.now() - (this.#clock.wall() - timeMs)
    return open.clock.momentOf(timeMs) ?? Number.NEGATIVE_INFINITY
  }

  /** The latest that it can be by the server's clock, in ms: what may have expired counts as expired. */
  serverNow(open: OpenLine): number {
    if (!this.#rules.ownClockOnly) return this.#clock.wall()
    return open.clock.latest(this.#clock.now()) ?? 0
  }
}
