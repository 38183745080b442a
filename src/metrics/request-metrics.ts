import type { Latency } from './latency.ts'
import type { RequestMeter } from './request-meter.ts'
import { histograms, single } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

const REQUEST_SECONDS = 'ringside_request_seconds'
const RUNG_SECONDS = 'ringside_rung_seconds'

export interface RequestSources {
  readonly requests: RequestMeter
  /** Calls whose answers are being worked on. */
  readonly inFlight: () => number
  /** Why calls are refused as too many, and how many were. */
  readonly overload: ScrapedOverload
  /** Latencies of the rungs of the read path. */
  readonly rungs: Latency
}

export interface ScrapedOverload {
  readonly cause: string | undefined
  stats(): Readonly<Record<string, number>>
}

/** What callers see of the sidecar. */
export function requestMetrics({ requests, inFlight, overload, rungs }: RequestSources): ScrapedMetric[] {
  return [
    {
      name: 'ringside_requests_total',
      help: 'Results given to callers; each key of a batch is one.',
      type: 'counter',
      samples: () => requests.samples(),
    },
    {
      name: 'ringside_requests_in_flight',
      help: 'Calls whose answers are being worked on.',
      type: 'gauge',
      samples: () => single(inFlight()),
    },
    {
      name: 'ringside_overloaded',
      help: 'Whether calls are refused now since the sidecar has too much to do or too much in memory.',
      type: 'gauge',
      samples: () =>
        Object.keys(overload.stats()).map((cause) => ({ labels: { cause }, value: overload.cause === cause ? 1 : 0 })),
    },
    {
      name: 'ringside_shed_total',
      help: 'Calls refused for that.',
      type: 'counter',
      samples: () => Object.entries(overload.stats()).map(([cause, value]) => ({ labels: { cause }, value })),
    },
    {
      name: REQUEST_SECONDS,
      help: 'Duration of calls, from arrival to answer.',
      type: 'histogram',
      samples: () => histograms(REQUEST_SECONDS, 'method', requests.latency.histograms()),
    },
    {
      name: RUNG_SECONDS,
      help: 'Duration of the rungs of the read path.',
      type: 'histogram',
      samples: () => histograms(RUNG_SECONDS, 'rung', rungs.histograms()),
    },
  ]
}
