import { keyed } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What our own gRPC engine counts; the other has no samples. */
export interface EngineStats {
  readonly connections: number
  readonly faults: ReadonlyMap<string, number>
}

export function engineMetrics(engine: () => EngineStats | undefined): ScrapedMetric[] {
  return [
    {
      name: 'ringside_connections',
      help: 'Open connections of callers.',
      type: 'gauge',
      samples: () => {
        const stats = engine()
        return stats === undefined ? [] : [{ labels: {}, value: stats.connections }]
      },
    },
    {
      name: 'ringside_connection_faults_total',
      help: 'Connections and streams that were ended since the caller broke the protocol, by error code of HTTP/2.',
      type: 'counter',
      samples: () => keyed('code', Object.fromEntries(engine()?.faults ?? []), {}),
    },
  ]
}
