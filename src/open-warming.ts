import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { Preloads, type PreloadsParts } from './cache/preloads.ts'
import { Warming, type WarmingParts } from './cache/warming.ts'
import type { Config } from './config/config.ts'

export interface WarmingSurroundings extends Omit<WarmingParts, 'keyspaces' | 'store' | 'leases' | 'loads'> {
  readonly loading: Pick<WarmingParts, 'leases' | 'loads'> & Loading
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

interface Loading {
  readonly keyspaces: WarmingParts['keyspaces'] & PreloadsParts['keyspaces']
  readonly store: WarmingParts['store'] & PreloadsParts['store']
}

export interface OpenedWarming {
  readonly warming: Warming
  readonly preloads: Preloads
}

/** What loads keys before anybody asks for them. */
export function openWarming(
  { env, origins, limits }: Config,
  { loading, chance, ...parts }: WarmingSurroundings,
): OpenedWarming {
  const batches = new Map(origins.map(({ name, batch }) => [name, batch]))
  const batchOf = (origin: string) => batches.get(origin) ?? 1
  const warming = new Warming({ batchOf, maxValueBytes: limits.valueBytes }, { ...parts, ...loading })
  return { warming, preloads: new Preloads(env, { ...parts, ...loading, warming, chance }) }
}
