import { keyed, single } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of locks. */
export interface ScrapedLocks {
  readonly results: Readonly<Record<string, number>>
  readonly waiting: number
}

/** Locks across the fleet; no numbers where there are none. */
export function lockMetrics(locks: ScrapedLocks | undefined): ScrapedMetric[] {
  return [
    {
      name: 'ringside_locks_total',
      help: 'What became of requests for locks.',
      type: 'counter',
      samples: () => (locks === undefined ? [] : keyed('result', locks.results)),
    },
    {
      name: 'ringside_locks_waiting',
      help: 'Callers who wait for a lock.',
      type: 'gauge',
      samples: () => (locks === undefined ? [] : single(locks.waiting)),
    },
  ]
}
