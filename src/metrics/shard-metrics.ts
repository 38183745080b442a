import type { ShardState, ShardStats } from '../store/shard-stats.ts'
import type { Sample, ScrapedMetric } from './scraped.ts'

/** What is asked of a shard at the scrape; every `Shard` has it. */
export interface ScrapedShard {
  readonly name: string
  state(): ShardState
  stats(): ShardStats
}

/** The shards of the ring, as this sidecar sees them. Figures that a server has not given yet have no sample. */
export function shardMetrics(shards: () => readonly ScrapedShard[]): ScrapedMetric[] {
  const each = (read: (shard: ScrapedShard) => number | undefined) => () => samplesOf(shards(), read)
  return [
    {
      name: 'ringside_shard_up',
      help: '1 while the shard answers, else 0.',
      type: 'gauge',
      samples: each((shard) => (shard.state().up ? 1 : 0)),
    },
    {
      name: 'ringside_tracking_up',
      help: '1 while values of the shard can be kept near: its changes are heard of, else 0.',
      type: 'gauge',
      samples: each((shard) => (shard.stats().trackingUp ? 1 : 0)),
    },
    {
      name: 'ringside_shard_epochs_total',
      help: 'Epochs of the shard that began while this sidecar watched: its memory may have gone back in time.',
      type: 'counter',
      samples: each((shard) => shard.stats().epochs),
    },
    {
      name: 'ringside_replica_lag_seconds',
      help: 'How far behind its primary a replica is at most, as far as is known.',
      type: 'gauge',
      samples: () => lagSamples(shards()),
    },
    {
      name: 'ringside_shard_reads_total',
      help: 'Plain reads sent to the shard.',
      type: 'counter',
      samples: each((shard) => shard.stats().reads),
    },
    {
      name: 'ringside_shard_malformed_total',
      help: 'Entries of an unknown format, read as misses.',
      type: 'counter',
      samples: each((shard) => shard.stats().malformed),
    },
    {
      name: 'ringside_shard_errors_total',
      help: 'Failed operations on the shard, by kind.',
      type: 'counter',
      samples: () => errorSamples(shards()),
    },
    {
      name: 'ringside_shard_memory_bytes',
      help: 'Memory that the server of the shard uses.',
      type: 'gauge',
      samples: each((shard) => shard.stats().server.memoryBytes),
    },
    {
      name: 'ringside_shard_memory_limit_bytes',
      help: 'Memory that the server of the shard may use.',
      type: 'gauge',
      samples: each((shard) => shard.stats().server.memoryLimitBytes),
    },
    {
      name: 'ringside_shard_fragmentation_ratio',
      help: 'Memory fragmentation of the server of the shard.',
      type: 'gauge',
      samples: each((shard) => shard.stats().server.fragmentationRatio),
    },
    {
      name: 'ringside_shard_evicted_keys_total',
      help: 'Keys that the server of the shard evicted since it started.',
      type: 'counter',
      samples: each((shard) => shard.stats().server.evictedKeys),
    },
    {
      name: 'ringside_shard_tracked_keys',
      help: 'Keys in the tracking table of the server of the shard, for all its clients.',
      type: 'gauge',
      samples: each((shard) => shard.stats().server.trackedKeys),
    },
    {
      name: 'ringside_shard_tracked_keys_limit',
      help: 'Keys that the tracking table of the server of the shard may hold.',
      type: 'gauge',
      samples: each((shard) => shard.stats().server.trackedKeysLimit),
    },
  ]
}

function* samplesOf(
  shards: readonly ScrapedShard[],
  read: (shard: ScrapedShard) => number | undefined,
): Iterable<Sample> {
  for (const shard of shards) {
    const value = read(shard)
    if (value !== undefined) yield { labels: { shard: shard.name }, value }
  }
}

function* lagSamples(shards: readonly ScrapedShard[]): Iterable<Sample> {
  for (const shard of shards) {
    for (const { name, lagMs } of shard.stats().replicas) {
      if (lagMs !== undefined) yield { labels: { shard: shard.name, replica: name }, value: lagMs / 1_000 }
    }
  }
}

function* errorSamples(shards: readonly ScrapedShard[]): Iterable<Sample> {
  for (const shard of shards) {
    for (const [kind, value] of shard.stats().errors) yield { labels: { shard: shard.name, kind }, value }
  }
}
