import { keyed } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of flushes. */
export interface ScrapedFlush {
  readonly counts: Readonly<Record<string, number>>
}

/** How far flushes through this sidecar have come; no numbers where none is allowed. */
export function flushMetrics(flush: ScrapedFlush | undefined): ScrapedMetric[] {
  return [
    {
      name: 'ringside_flushed_keys_total',
      help: 'Names of the environment that flushes through this sidecar have come to.',
      type: 'counter',
      samples: () => (flush === undefined ? [] : keyed('result', flush.counts)),
    },
  ]
}
