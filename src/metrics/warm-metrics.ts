import type { Warming } from '../cache/warming.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked of warming at the scrape. */
export type ScrapedWarming = Pick<Warming, 'stats'>

/** What was loaded before anybody asked for it, through this sidecar. */
export function warmMetrics(warming: ScrapedWarming): ScrapedMetric[] {
  return [
    {
      name: 'ringside_warm_keys_total',
      help: 'Keys that were warmed through this sidecar, by what became of them.',
      type: 'counter',
      samples: () =>
        warming
          .stats()
          .flatMap(([keyspace, results]) =>
            Object.entries(results).map(([result, value]) => ({ labels: { keyspace, result }, value })),
          ),
    },
    {
      name: 'ringside_warm_running',
      help: 'Whether the keyspace is being warmed through this sidecar: 1 = it is.',
      type: 'gauge',
      samples: () =>
        warming.stats().map(([keyspace, , isRunning]) => ({ labels: { keyspace }, value: isRunning ? 1 : 0 })),
    },
  ]
}
