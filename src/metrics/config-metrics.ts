import type { ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of what has become of the configuration file. */
export interface ScrapedReloads {
  readonly results: Readonly<Record<string, number>>
  readonly isInForce: boolean
}

export function configMetrics(reloads: ScrapedReloads): ScrapedMetric[] {
  return [
    {
      name: 'ringside_config_reloads_total',
      help: 'Changes of the configuration file, by what became of them.',
      type: 'counter',
      samples: () => Object.entries(reloads.results).map(([result, value]) => ({ labels: { result }, value })),
    },
    {
      name: 'ringside_config_in_force',
      help: '1 while all of the configuration file is in force, else 0.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: reloads.isInForce ? 1 : 0 }],
    },
  ]
}
