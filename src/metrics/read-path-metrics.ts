import type { ReadPathStats } from '../cache/read-path-stats.ts'
import { histograms, keyed, single } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

const STALENESS = 'ringside_staleness_seconds'
const VALUE_BYTES = 'ringside_value_bytes'

/** What the use cases counted. */
export function readPathMetrics(stats: () => ReadPathStats): ScrapedMetric[] {
  return [
    {
      name: 'ringside_flights_joined_total',
      help: 'Reads that joined a flight already under way.',
      type: 'counter',
      samples: () => single(stats().flightsJoined),
    },
    {
      name: 'ringside_leases_total',
      help: 'Attempts at leases, by result.',
      type: 'counter',
      samples: () => keyed('result', stats().leases),
    },
    {
      name: 'ringside_refreshes_total',
      help: 'Refreshes ahead of expiry, by result.',
      type: 'counter',
      samples: () => keyed('result', stats().refreshes),
    },
    {
      name: 'ringside_copy_fills_total',
      help: 'Fills of copies of hot keys, by result.',
      type: 'counter',
      samples: () => keyed('result', stats().copyFills),
    },
    {
      name: 'ringside_invalidations_total',
      help: 'Invalidated targets, by keyspace and result.',
      type: 'counter',
      samples: () =>
        [...stats().keyspaces].flatMap(([keyspace, { invalidations }]) => keyed('result', invalidations, { keyspace })),
    },
    {
      name: 'ringside_degraded_total',
      help: 'Answers outside the freshness guarantee.',
      type: 'counter',
      samples: () =>
        [...stats().keyspaces].map(([keyspace, { degraded }]) => ({ labels: { keyspace }, value: degraded })),
    },
    {
      name: STALENESS,
      help: 'How long before the answer it was last known to be current.',
      type: 'histogram',
      samples: () =>
        histograms(
          STALENESS,
          'keyspace',
          [...stats().keyspaces].map(([name, { staleness }]) => [name, staleness]),
        ),
    },
    {
      name: VALUE_BYTES,
      help: 'Sizes of the values that were stored.',
      type: 'histogram',
      samples: () =>
        histograms(
          VALUE_BYTES,
          'keyspace',
          [...stats().keyspaces].map(([name, { valueBytes }]) => [name, valueBytes]),
        ),
    },
  ]
}
