import type { Review } from './review.ts'

/** What has become of the pods that were asked about, in plain counts. */
export class ReviewTally {
  readonly #counts = new Map<string, { outcome: string; reason: string; count: number }>()

  /** `undefined` = the injector failed. */
  add(review: Review | undefined): void {
    const outcome = review?.outcome ?? 'failed'
    const reason = review?.outcome === 'skipped' ? review.reason : ''
    const key = `${outcome}/${reason}`
    const found = this.#counts.get(key) ?? { outcome, reason, count: 0 }
    found.count += 1
    this.#counts.set(key, found)
  }

  get counts(): Iterable<{ readonly outcome: string; readonly reason: string; readonly count: number }> {
    return this.#counts.values()
  }
}
