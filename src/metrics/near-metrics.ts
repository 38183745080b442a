import type { NearStats } from '../near/near-cache.ts'
import { keyed, single } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** Of the near cache, and of what goes beside it. */
export interface NearSums extends NearStats {
  readonly tieBytes: number
}

/** The near cache, counted by itself. */
export function nearMetrics(stats: () => NearSums): ScrapedMetric[] {
  return [
    {
      name: 'ringside_near_bytes',
      help: 'Bytes in the near cache: keys, values and bookkeeping.',
      type: 'gauge',
      samples: () => single(stats().bytes),
    },
    {
      name: 'ringside_near_limit_bytes',
      help: 'Most bytes that the near cache may hold.',
      type: 'gauge',
      samples: () => single(stats().limitBytes),
    },
    {
      name: 'ringside_near_tie_bytes',
      help: 'Bytes beside the near cache that tie its entries to their tags: up to a quarter of its limit, estimated.',
      type: 'gauge',
      samples: () => single(stats().tieBytes),
    },
    {
      name: 'ringside_near_entries',
      help: 'Entries in the near cache.',
      type: 'gauge',
      samples: () => single(stats().entries),
    },
    {
      name: 'ringside_near_hits_total',
      help: 'Lookups in the near cache that found an entry.',
      type: 'counter',
      samples: () => single(stats().hits),
    },
    {
      name: 'ringside_near_misses_total',
      help: 'Lookups in the near cache that found none.',
      type: 'counter',
      samples: () => single(stats().misses),
    },
    {
      name: 'ringside_near_evictions_total',
      help: 'Entries that left the near cache, or did not get in, by cause.',
      type: 'counter',
      samples: () => keyed('cause', stats().evictions),
    },
  ]
}
