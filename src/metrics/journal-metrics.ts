import type { JournalStats } from '../store/journal/journal.ts'
import type { Sample, ScrapedMetric } from './scraped.ts'
import type { ScrapedShard } from './shard-metrics.ts'

/** What waits on disk to be invalidated, where that is kept. */
export function journalMetrics(shards: () => readonly ScrapedShard[]): ScrapedMetric[] {
  const each = (read: (stats: JournalStats) => number) => () => samplesOf(shards(), read)
  return [
    {
      name: 'ringside_journal_keys',
      help: 'Keys whose invalidation the shard has yet to hear of.',
      type: 'gauge',
      samples: each(({ keys }) => keys),
    },
    {
      name: 'ringside_journal_bytes',
      help: 'Bytes of the journal of the shard.',
      type: 'gauge',
      samples: each(({ bytes }) => bytes),
    },
    {
      name: 'ringside_journal_losses_total',
      help: 'How often the journal lost sight of its keys, so that the epoch of the shard has to end.',
      type: 'counter',
      samples: () => lossSamples(shards()),
    },
  ]
}

function* samplesOf(shards: readonly ScrapedShard[], read: (stats: JournalStats) => number): Iterable<Sample> {
  for (const shard of shards) {
    const { journal } = shard.stats()
    if (journal !== undefined) yield { labels: { shard: shard.name }, value: read(journal) }
  }
}

function* lossSamples(shards: readonly ScrapedShard[]): Iterable<Sample> {
  for (const shard of shards) {
    const { journal } = shard.stats()
    if (journal === undefined) continue
    for (const [why, value] of Object.entries(journal.losses)) yield { labels: { shard: shard.name, why }, value }
  }
}
