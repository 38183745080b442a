import type { ConsumerState, ConsumerStats } from '../events/event-consumer.ts'
import { keyed } from './samples.ts'
import type { Sample, ScrapedMetric } from './scraped.ts'

/** What is asked of the consumer of a source at the scrape. */
export interface ScrapedEvents {
  /** Of the source. */
  readonly name: string
  state(): ConsumerState
  stats(): ConsumerStats
}

/** Events that outdate keys, by where they come from. */
export function eventMetrics(consumers: () => readonly ScrapedEvents[]): ScrapedMetric[] {
  const each = (samples: (consumer: ScrapedEvents) => Sample[]) => () => consumers().flatMap(samples)
  return [
    {
      name: 'ringside_events_total',
      help: 'Events that came from the source, by what became of them.',
      type: 'counter',
      samples: each((consumer) => keyed('result', consumer.stats().results, { source: consumer.name })),
    },
    {
      name: 'ringside_events_gaps_total',
      help: 'How often changes may have been missed, since the source had nothing to resume from.',
      type: 'counter',
      samples: each((consumer) => [{ labels: { source: consumer.name }, value: consumer.stats().gaps }]),
    },
    {
      name: 'ringside_events_lag_seconds',
      help: 'Age of the oldest event that is known of and not applied yet, where this sidecar is the consumer.',
      type: 'gauge',
      samples: each(lagOf),
    },
    {
      name: 'ringside_events_active',
      help: '1 where this sidecar is the consumer of the source.',
      type: 'gauge',
      samples: each((consumer) => [
        { labels: { source: consumer.name }, value: consumer.state().is === 'active' ? 1 : 0 },
      ]),
    },
  ]
}

function lagOf(consumer: ScrapedEvents): Sample[] {
  const { lagMs } = consumer.stats()
  return lagMs === undefined ? [] : [{ labels: { source: consumer.name }, value: lagMs / 1_000 }]
}
