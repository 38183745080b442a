import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

/** Rings that differ for longer than this are an alarm. */
export const RINGS_DIFFER_MOST_MS = 60_000

const DIFFER =
  'rings differ for long: some sidecars are configured to another ring, or a shard of one of the rings gives no answer'

/** For how long rings have differed, and whether that has been said. */
export class RingAlarm {
  readonly #clock: Clock
  readonly #log: Log
  #apartSince: number | undefined
  #isRaised = false

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** 0 = they do not. */
  get differMs(): number {
    return this.#apartSince === undefined ? 0 : this.#clock.now() - this.#apartSince
  }

  /** `rings`: what is read by, and what is aimed at. */
  watch(isApart: boolean, rings: () => { readonly ring: string; readonly aims: string }): void {
    if (!isApart) {
      this.#apartSince = undefined
      this.#isRaised = false
    } else this.#apartSince ??= this.#clock.now()
    if (this.differMs <= RINGS_DIFFER_MOST_MS || this.#isRaised) return
    this.#isRaised = true
    this.#log.error({ ...rings(), seconds: Math.round(this.differMs / 1_000) }, DIFFER)
  }
}
