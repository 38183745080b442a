import type { Metric, Registry } from 'prom-client'
import type { BucketCounts } from '../base/buckets.ts'

export type Labels = Readonly<Record<string, string>>

/** One line of a metric. */
export interface Sample {
  /** Only where it differs from the metric's name, as in the parts of a histogram. */
  readonly metricName?: string
  readonly labels: Labels
  readonly value: number
}

export interface ScrapedMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Read anew at every scrape. */
  readonly samples: () => Iterable<Sample>
}

/** Adds metrics whose numbers live elsewhere, in plain fields: nothing is pushed, nothing is kept twice. */
export function registerScraped(registry: Registry, metrics: readonly ScrapedMetric[]): void {
  for (const { name, help, type, samples } of metrics) {
    const scraped = { name, help, type, get: async () => ({ name, help, type, values: [...samples()] }) }
    // The registry asks a metric for no more than this; its type knows only the library's own four classes.
    registry.registerMetric(scraped as unknown as Metric)
  }
}

/** One histogram in the exposition format of Prometheus: cumulative buckets, sum and count. */
export function* histogramSamples(name: string, labels: Labels, seen: BucketCounts): Iterable<Sample> {
  let count = 0
  for (const [index, added] of seen.counts.entries()) {
    count += added
    const le = String(seen.bounds[index] ?? '+Inf')
    yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  }
  yield { metricName: `${name}_sum`, labels, value: seen.sum }
  yield { metricName: `${name}_count`, labels, value: count }
}
