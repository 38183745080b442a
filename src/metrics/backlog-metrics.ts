import type { Backlogs } from '../cache/backlogs.ts'
import type { ScrapedMetric } from './scraped.ts'

export type ScrapedBacklogs = Pick<Backlogs, 'stats'>

/** What waits for origins that hear of it later, where a keyspace has write-behind. */
export function backlogMetrics(backlogs: ScrapedBacklogs): ScrapedMetric[] {
  return [
    {
      name: 'ringside_backlog_records',
      help: 'Changes that wait for their origins on a shard.',
      type: 'gauge',
      *samples() {
        for (const { shard, size } of backlogs.stats().shards) yield { labels: { shard }, value: size }
      },
    },
    {
      name: 'ringside_backlog_lag_seconds',
      help: 'For how long the oldest of them has waited.',
      type: 'gauge',
      *samples() {
        for (const { shard, oldestMs } of backlogs.stats().shards) yield { labels: { shard }, value: oldestMs / 1_000 }
      },
    },
    {
      name: 'ringside_backlog_keys_total',
      help: 'Keys whose changes this sidecar has told their origins.',
      type: 'counter',
      *samples() {
        for (const [result, value] of Object.entries(backlogs.stats().keys)) yield { labels: { result }, value }
      },
    },
  ]
}
