interface Revision {
  readonly revision: number
  readonly committedAt: number
  /** When everybody had to know; `undefined` while that is not acknowledged, or deferred. */
  invalidatedAt: number | undefined
}

/** Which revision of a row everybody had to know of, and when. */
export class Revisions {
  readonly #ofKey = new Map<number, Revision[]>()

  committed(key: number, revision: number, at: number): void {
    const one = { revision, committedAt: at, invalidatedAt: undefined }
    const those = this.#ofKey.get(key)
    if (those === undefined) this.#ofKey.set(key, [one])
    else those.push(one)
  }

  /** Acknowledged by the shard itself. */
  invalidated(key: number, revision: number, at: number): void {
    const found = this.#ofKey.get(key)?.find((one) => one.revision === revision)
    if (found !== undefined) found.invalidatedAt = at
  }

  /** The largest revision whose update had been acknowledged by then; 1 for a row that had not changed. */
  committedBy(key: number, at: number): number {
    return this.#largest(key, ({ committedAt }) => committedAt <= at)
  }

  /** The largest whose invalidation had been acknowledged by then. */
  invalidatedBy(key: number, at: number): number {
    return this.#largest(key, ({ invalidatedAt = Number.POSITIVE_INFINITY }) => invalidatedAt <= at)
  }

  #largest(key: number, counts: (revision: Revision) => boolean): number {
    let largest = 1
    for (const one of this.#ofKey.get(key) ?? []) if (counts(one)) largest = Math.max(largest, one.revision)
    return largest
  }
}
