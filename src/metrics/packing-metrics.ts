import type { Packer, PackingStats } from '../store/packing/packer.ts'
import type { ScrapedMetric } from './scraped.ts'

export type ScrapedPacking = Pick<Packer, 'stats'>

/** What compression saves, where a keyspace has it or had it. */
export function packingMetrics(packing: ScrapedPacking): ScrapedMetric[] {
  const byKeyspace = (label: string, count: (stats: PackingStats) => Readonly<Record<string, number>>) =>
    function* samples() {
      for (const [keyspace, stats] of packing.stats) {
        for (const [word, value] of Object.entries(count(stats))) yield { labels: { keyspace, [label]: word }, value }
      }
    }
  return [
    {
      name: 'ringside_compressed_values_total',
      help: 'Values above the size from which their keyspace compresses.',
      type: 'counter',
      samples: byKeyspace('result', ({ packed, kept }) => ({ compressed: packed, kept })),
    },
    {
      name: 'ringside_compressed_bytes_total',
      help: 'Bytes of the values that were compressed.',
      type: 'counter',
      samples: byKeyspace('stage', ({ bytesBefore: before, bytesAfter: after }) => ({ before, after })),
    },
    {
      name: 'ringside_decompressed_values_total',
      help: 'Compressed values that were read from a shard.',
      type: 'counter',
      samples: byKeyspace('result', ({ unpacked, corrupt }) => ({ whole: unpacked, corrupt })),
    },
  ]
}
