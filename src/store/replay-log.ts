import type { Clock } from '../base/clock.ts'

/** How far back a memory may have gone for its changes to be made good. */
export const REPLAY_WINDOW_MS = 10_000

const MOST_KEYS = 200_000

/** The keys that this sidecar has changed on one shard within the replay window, so that they can be invalidated again. */
export class ReplayLog {
  readonly #clock: Clock
  readonly #mostKeys: number
  /** Key → when its last change was acknowledged, in that order. */
  readonly #changedAt = new Map<string, number>()
  #forgottenUpTo = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, mostKeys = MOST_KEYS) {
    this.#clock = clock
    this.#mostKeys = mostKeys
  }

  note(key: string): void {
    const now = this.#clock.now()
    this.#changedAt.delete(key)
    this.#changedAt.set(key, now)
    for (const [oldest, at] of this.#changedAt) {
      if (now - at <= REPLAY_WINDOW_MS && this.#changedAt.size <= this.#mostKeys) break
      this.#changedAt.delete(oldest)
      this.#forgottenUpTo = at
    }
  }

  /** Whether every change acknowledged after `moment` is still known. */
  covers(moment: number): boolean {
    return moment > this.#forgottenUpTo && this.#clock.now() - moment <= REPLAY_WINDOW_MS
  }

  keys(): readonly string[] {
    return [...this.#changedAt.keys()]
  }
}
