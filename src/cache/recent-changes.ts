import type { Clock } from '../base/clock.ts'

/** Longer than any read is under way. */
const REMEMBERED_MS = 30_000

/** A place in the row of changes that this sidecar has learned of. */
export type Mark = number

interface Change {
  readonly mark: Mark
  readonly at: number
}

/**
 * Which keys have changed of late, by this sidecar's own hand or as the shards told it, in the order in which it learned
 * of that: a read that was under way at that time must not bring the old value into the near cache afterwards.
 */
export class RecentChanges {
  readonly #clock: Clock
  /** In the order of the changes. */
  readonly #changes = new Map<string, Change>()
  #mark: Mark = 0
  /** What was under way here or before may have missed a change that is remembered no more, or one of every key. */
  #unknownUpTo: Mark = -1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be asked for before a read is sent. */
  mark(): Mark {
    return this.#mark
  }

  note(physicalKey: string): void {
    const now = this.#clock.now()
    this.#mark += 1
    this.#changes.delete(physicalKey)
    this.#changes.set(physicalKey, { mark: this.#mark, at: now })
    for (const [key, { mark, at }] of this.#changes) {
      if (now - at <= REMEMBERED_MS) break
      this.#changes.delete(key)
      this.#unknownUpTo = Math.max(this.#unknownUpTo, mark - 1)
    }
  }

  /** Any key may have changed. */
  noteAll(): void {
    this.#unknownUpTo = this.#mark
    this.#mark += 1
  }

  /** Whether the key was changed after the mark was taken, as far as is known; if not, it may have been. */
  since(physicalKey: string, mark: Mark): boolean {
    if (mark <= this.#unknownUpTo) return true
    const change = this.#changes.get(physicalKey)
    return change !== undefined && change.mark > mark
  }

  /** When the key's last change was noted; -Infinity where none is remembered. */
  lastOf(physicalKey: string): number {
    return this.#changes.get(physicalKey)?.at ?? Number.NEGATIVE_INFINITY
  }
}
