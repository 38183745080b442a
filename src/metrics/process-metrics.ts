import { pendingTimers } from '../base/clock.ts'
import { containerBytes, heapLimitBytes } from '../base/process-memory.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What the default metrics do not tell of the process. No limit of memory is no sample, since `Infinity` adds up badly. */
export function processMetrics(): ScrapedMetric[] {
  return [
    {
      name: 'ringside_timers',
      help: 'Timers that have neither run nor been cancelled.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: pendingTimers() }],
    },
    {
      name: 'ringside_memory_limit_bytes',
      help: 'Memory of the container, if it has a limit.',
      type: 'gauge',
      samples: () => [containerBytes()].filter(Number.isFinite).map((value) => ({ labels: {}, value })),
    },
    {
      name: 'ringside_heap_limit_bytes',
      help: 'What the heap may grow to before the process ends.',
      type: 'gauge',
      samples: () => [{ labels: {}, value: heapLimitBytes() }],
    },
  ]
}
