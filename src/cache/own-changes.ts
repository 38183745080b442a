import type { Clock } from '../base/clock.ts'

/** Longer than any read can be under way. */
const REMEMBERED_MS = 30_000

/**
 * Which keys this sidecar itself has changed of late, and when that was acknowledged: a read that was sent before must
 * not bring the old value into the near cache afterwards.
 */
export class OwnChanges {
  readonly #clock: Clock
  /** In the order of the changes. */
  readonly #changedAt = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(physicalKey: string): void {
    const now = this.#clock.now()
    this.#changedAt.delete(physicalKey)
    this.#changedAt.set(physicalKey, now)
    for (const [key, at] of this.#changedAt) {
      if (now - at <= REMEMBERED_MS) break
      this.#changedAt.delete(key)
    }
  }

  /** Whether the key was changed at or after `moment`. */
  since(physicalKey: string, moment: number): boolean {
    const at = this.#changedAt.get(physicalKey)
    return at !== undefined && at >= moment
  }
}
