import type { ScrapedMetric } from './scraped.ts'

/** What is asked of the ring at the scrape. */
export interface ScrapedRing {
  readonly differMs: number
  readonly movedShare: number
}

/** How far a change of the ring is. */
export function ringMetrics(ring: ScrapedRing): ScrapedMetric[] {
  return [
    {
      name: 'ringside_rings_differ_seconds',
      help: 'For how long the ring of this sidecar and those of the others have not been the same; 0 = they are.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: ring.differMs / 1_000 }],
    },
    {
      name: 'ringside_ring_moved_ratio',
      help: 'How much of a change of the ring this sidecar has behind it, 0 to 1; 1 = it reads by the configured ring alone.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: ring.movedShare }],
    },
  ]
}
