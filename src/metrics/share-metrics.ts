import { keyed } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of this sidecar's share of an origin; every `FleetShare` has it. */
export interface ScrapedShare {
  readonly origin: string
  readonly asks: Readonly<Record<'granted' | 'waiting' | 'unanswered', number>>
  readonly leased: boolean
  readonly seat: 'taken' | 'waiting' | 'beyond'
}

/** Ordered by how little this sidecar may count on, so that a maximum over many reads as the worst. */
const SEAT = { taken: 0, waiting: 1, beyond: 2 } as const

/** How this sidecar shares the limits of its origins with its fleet. */
export function shareMetrics(shares: () => readonly ScrapedShare[]): ScrapedMetric[] {
  return [
    {
      name: 'ringside_origin_share_asks_total',
      help: 'Asks for a share of the limit of the fleet, by result; waiting = the table is new and lends nothing yet.',
      type: 'counter',
      samples: () => shares().flatMap(({ origin, asks }) => keyed('result', asks, { origin })),
    },
    {
      name: 'ringside_origin_share_leased',
      help: 'Whether the share is lent, so that it may be above the floor.',
      type: 'gauge',
      samples: () => shares().map(({ origin, leased }) => ({ labels: { origin }, value: leased ? 1 : 0 })),
    },
    {
      name: 'ringside_origin_seat',
      help: 'Whether this sidecar may count on its floor: 0 yes, 1 not yet, 2 no, since there are more than fleet says.',
      type: 'gauge',
      samples: () => shares().map(({ origin, seat }) => ({ labels: { origin }, value: SEAT[seat] })),
    },
  ]
}
