import { pendingTimers } from '../base/clock.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What the default metrics do not tell of the process. */
export function processMetrics(): ScrapedMetric[] {
  return [
    {
      name: 'ringside_timers',
      help: 'Timers that have neither run nor been cancelled.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: pendingTimers() }],
    },
  ]
}
