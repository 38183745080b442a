import { Buckets } from '../base/buckets.ts'

/** From 50 µs, below a near hit, to 10 s, above any deadline; close enough together for p50, p95 and p99. */
const LATENCY_BOUNDS_S = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** Latencies by one label. Its values must be a closed set: each costs a histogram. */
export class Latency {
  readonly #histograms = new Map<string, Buckets>()

  observe(label: string, seconds: number): void {
    let histogram = this.#histograms.get(label)
    if (histogram === undefined) {
      histogram = new Buckets(LATENCY_BOUNDS_S)
      this.#histograms.set(label, histogram)
    }
    histogram.add(seconds)
  }

  histograms(): ReadonlyMap<string, Buckets> {
    return this.#histograms
  }
}
