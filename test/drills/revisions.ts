import type { Change } from './observation.ts'

/** Which revision of a row everybody had to know of, and when. */
export class Revisions {
  readonly changes: readonly Change[]
  readonly #ofKey = new Map<number, Change[]>()

  constructor(changes: readonly Change[]) {
    this.changes = changes
    for (const change of changes) {
      const those = this.#ofKey.get(change.key)
      if (those === undefined) this.#ofKey.set(change.key, [change])
      else those.push(change)
    }
  }

  get changedKeys(): readonly number[] {
    return [...this.#ofKey.keys()]
  }

  /** The largest revision whose update had been acknowledged by then; 1 for a row that had not changed. */
  committedBy(key: number, at: number): number {
    return this.#largest(key, ({ committedAt }) => committedAt <= at)
  }

  /** The largest whose invalidation had been acknowledged by then, by the shard itself. */
  invalidatedBy(key: number, at: number): number {
    return this.#largest(key, ({ invalidatedAt, deferred }) => !deferred && invalidatedAt <= at)
  }

  #largest(key: number, counts: (change: Change) => boolean): number {
    const those = this.#ofKey.get(key)?.filter(counts) ?? []
    return Math.max(1, ...those.map(({ revision }) => revision))
  }
}
