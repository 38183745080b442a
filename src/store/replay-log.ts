import type { Clock } from '../base/clock.ts'

/** How far back a memory may have gone for its changes to be made good. */
export const REPLAY_WINDOW_MS = 10_000

const MOST_KEYS = 200_000

interface LoggedChange {
  readonly at: number
  readonly holdUntil: number
}

/** The keys that this sidecar has changed on one shard within the replay window, so that they can be invalidated again. */
export class ReplayLog {
  readonly #clock: Clock
  readonly #mostKeys: number
  /** In the order in which the keys' last changes were acknowledged. */
  readonly #changes = new Map<string, LoggedChange>()
  #forgottenUpTo = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, mostKeys = MOST_KEYS) {
    this.#clock = clock
    this.#mostKeys = mostKeys
  }

  /** `holdUntil`: up to when nothing that is loaded may be stored; 0 = it may. */
  note(key: string, holdUntil = 0): void {
    const now = this.#clock.now()
    const held = Math.max(holdUntil, this.#changes.get(key)?.holdUntil ?? 0)
    this.#changes.delete(key)
    this.#changes.set(key, { at: now, holdUntil: held })
    for (const [oldest, { at }] of this.#changes) {
      if (now - at <= REPLAY_WINDOW_MS && this.#changes.size <= this.#mostKeys) break
      this.#changes.delete(oldest)
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, at)
    }
  }

  /** Everything was changed, and cannot be changed again. */
  noteAll(): void {
    this.#forgottenUpTo = this.#clock.now()
  }

  /** Whether every change acknowledged after `moment` is still known. */
  covers(moment: number): boolean {
    return moment > this.#forgottenUpTo && this.#clock.now() - moment <= REPLAY_WINDOW_MS
  }

  /** The keys, and for how long each is still to be held. */
  changes(): readonly { readonly key: string; readonly holdMs: number }[] {
    const now = this.#clock.now()
    return [...this.#changes].map(([key, { holdUntil }]) => ({ key, holdMs: Math.max(0, holdUntil - now) }))
  }
}
