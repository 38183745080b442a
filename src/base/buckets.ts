/** What a histogram has seen so far; only grows. */
export interface BucketCounts {
  /** Upper bounds, inclusive and ascending. */
  readonly bounds: readonly number[]
  /** Values per bucket, not cumulative; one longer than `bounds`: the last counts what is above them all. */
  readonly counts: readonly number[]
  /** Of all values. */
  readonly sum: number
}

/** A histogram in plain fields, read at the scrape. Adding costs a short scan and no allocation. */
export class Buckets implements BucketCounts {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0

  /** `bounds`: ascending, in the unit of what is added. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  add(value: number): void {
    const bounds = this.bounds
    let index = 0
    while (index < bounds.length && value > bounds[index]!) index += 1
    this.counts[index]! += 1
    this.sum += value
  }
}
