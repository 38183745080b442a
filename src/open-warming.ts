import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { Warming, type WarmingParts } from './cache/warming.ts'
import type { Config } from './config/config.ts'

export interface WarmingSurroundings extends Omit<WarmingParts, 'keyspaces' | 'store' | 'leases' | 'loads'> {
  readonly loading: Pick<WarmingParts, 'keyspaces' | 'store' | 'leases' | 'loads'>
  readonly clock: Clock
  readonly log: Log
}

/** What loads keys before anybody asks for them. */
export function openWarming({ origins, limits }: Config, { loading, ...parts }: WarmingSurroundings): Warming {
  const batches = new Map(origins.map(({ name, batch }) => [name, batch]))
  const batchOf = (origin: string) => batches.get(origin) ?? 1
  return new Warming({ batchOf, maxValueBytes: limits.valueBytes }, { ...parts, ...loading })
}
