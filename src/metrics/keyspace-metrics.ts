import type { ScrapedMetric } from './scraped.ts'

/** By which version this sidecar reads each keyspace. */
export type ScrapedKeyspaces = () => readonly (readonly [keyspace: string, version: number])[]

/** How far keyspaces were moved; sidecars that read by different versions for long have not heard of each other. */
export function keyspaceMetrics(versions: ScrapedKeyspaces): ScrapedMetric[] {
  return [
    {
      name: 'ringside_keyspace_version',
      help: 'Version by which this sidecar reads the keyspace: the configured one, or that of a later bump.',
      type: 'gauge',
      samples: () => versions().map(([keyspace, value]) => ({ labels: { keyspace }, value })),
    },
  ]
}
