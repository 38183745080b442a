import type { OriginStats } from '../origin/origin.ts'
import { keyed } from './samples.ts'
import type { Sample, ScrapedMetric } from './scraped.ts'

/** What is asked of an origin at the scrape; every `Origin` has it. */
export interface ScrapedOrigin {
  readonly name: string
  stats(): OriginStats
}

/** The origins: `fallback` loads are the database traffic of a degraded cache. */
export function originMetrics(origins: () => readonly ScrapedOrigin[]): ScrapedMetric[] {
  const each = (samples: (origin: ScrapedOrigin) => Sample[]) => () => origins().flatMap(samples)
  return [
    {
      name: 'ringside_origin_loads_total',
      help: 'Keys asked of the origin, by cause; fallback = the shard could not answer.',
      type: 'counter',
      samples: each((origin) => keyed('cause', origin.stats().loads, { origin: origin.name })),
    },
    {
      name: 'ringside_origin_stores_total',
      help: 'Changes that were to be stored at the origin, by what became of them.',
      type: 'counter',
      samples: each((origin) => keyed('result', origin.stats().stores, { origin: origin.name })),
    },
    {
      name: 'ringside_origin_in_flight',
      help: 'Calls to the origin that are under way.',
      type: 'gauge',
      samples: each((origin) => [{ labels: { origin: origin.name }, value: origin.stats().inFlight }]),
    },
    {
      name: 'ringside_origin_concurrency_limit',
      help: 'Calls to the origin that may be under way at once, at present.',
      type: 'gauge',
      samples: each((origin) => [{ labels: { origin: origin.name }, value: origin.stats().limit }]),
    },
    {
      name: 'ringside_origin_share',
      help: 'What the concurrency limit may rise to at present.',
      type: 'gauge',
      samples: each((origin) => [{ labels: { origin: origin.name }, value: origin.stats().share }]),
    },
    {
      name: 'ringside_origin_waiting',
      help: 'Keys that wait for a place at the origin.',
      type: 'gauge',
      samples: each((origin) => [{ labels: { origin: origin.name }, value: origin.stats().waiting }]),
    },
    {
      name: 'ringside_origin_rejected_total',
      help: 'Keys that the origin was not asked for, or not again, by reason.',
      type: 'counter',
      samples: each((origin) => keyed('reason', origin.stats().rejected, { origin: origin.name })),
    },
    {
      name: 'ringside_origin_retries_total',
      help: 'Calls to the origin that repeated an earlier one, for some or all of its keys.',
      type: 'counter',
      samples: each((origin) => [{ labels: { origin: origin.name }, value: origin.stats().retries }]),
    },
  ]
}
