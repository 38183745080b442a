import { keyed, single } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

/** What is asked at the scrape of hot keys. */
export interface ScrapedHotKeys {
  /** The keys that are read most through this sidecar, as many as may be labels. */
  readonly own: () => readonly {
    readonly name: { readonly policy: { readonly name: string }; readonly tenant: string; readonly key: string }
    readonly readsPerSecond: number
  }[]
  /** Keys that have copies, as far as this sidecar has heard. */
  readonly copied: () => number
  readonly changes: Readonly<Record<'promoted' | 'demoted', number>>
}

/** Keys that are read much, and their copies. */
export function hotKeyMetrics({ own, copied, changes }: ScrapedHotKeys): ScrapedMetric[] {
  return [
    {
      name: 'ringside_hot_key_reads',
      help: 'Reads per second, through this sidecar, of the keys that are read most; as many as hot.labels says.',
      type: 'gauge',
      samples: () =>
        own().map(({ name: { policy, tenant, key }, readsPerSecond }) => ({
          labels: { keyspace: policy.name, key: tenant === '' ? key : `${tenant}:${key}` },
          value: readsPerSecond,
        })),
    },
    {
      name: 'ringside_copied_keys',
      help: 'Hot keys that have copies.',
      type: 'gauge',
      samples: () => single(copied()),
    },
    {
      name: 'ringside_copy_changes_total',
      help: 'Keys that got more copies or lost some, on a report of this sidecar: the sum over the fleet has each once.',
      type: 'counter',
      samples: () => keyed('change', changes),
    },
  ]
}
