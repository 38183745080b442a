/** Each step is larger than the one before by so much: what a quantile may be off. */
const GROWTH = 1.02
const FLOOR_MS = 0.05

/** Counts by steps of the logarithm; sent as they are. */
export type LatencyCounts = readonly (readonly [step: number, count: number])[]

/** Durations in little room: quantiles are right to 2 %, and never too low. */
export class LatencyHistogram {
  readonly #counts = new Map<number, number>()
  #total = 0

  static of(all: Iterable<LatencyCounts>): LatencyHistogram {
    const histogram = new LatencyHistogram()
    for (const counts of all) histogram.merge(counts)
    return histogram
  }

  get total(): number {
    return this.#total
  }

  get counts(): LatencyCounts {
    return [...this.#counts]
  }

  add(ms: number): void {
    this.#count(Math.max(0, Math.ceil(Math.log(Math.max(ms, FLOOR_MS) / FLOOR_MS) / Math.log(GROWTH))), 1)
  }

  merge(counts: LatencyCounts): void {
    for (const [step, count] of counts) this.#count(step, count)
  }

  /** What this share of them does not exceed, in ms; 0 where there are none. */
  quantile(share: number): number {
    let left = Math.max(1, Math.ceil(this.#total * share))
    for (const [step, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return FLOOR_MS * GROWTH ** step
    }
    return 0
  }

  #count(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count)
    this.#total += count
  }
}
