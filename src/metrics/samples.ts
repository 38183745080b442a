import type { BucketCounts } from '../base/buckets.ts'
import { histogramSamples, type Labels, type Sample } from './scraped.ts'

/** A metric without labels. */
export function single(value: number): Sample[] {
  return [{ labels: {}, value }]
}

/** One sample for each member of a record, its name under `label`. */
export function keyed(label: string, values: Readonly<Record<string, number>>, labels: Labels = {}): Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { ...labels, [label]: key }, value }))
}

/** One histogram for each member of a map, its name under `label`. */
export function* histograms(
  name: string,
  label: string,
  seen: Iterable<readonly [string, BucketCounts]>,
): Iterable<Sample> {
  for (const [key, counts] of seen) yield* histogramSamples(name, { [label]: key }, counts)
}
