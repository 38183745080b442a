import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { formatRate } from '../../base/rate.ts'
import type { Preload } from '../../keyspace/policy.ts'
import { choice, duration, rate } from '../scalars.ts'

const NOT_WITHIN = '10m'

/** How one keyspace is warmed when a sidecar starts. */
export const warmFields = z
  .strictObject({
    from: choice(['query', 'hot']).describe(
      "Which keys: query for those that the origin's `warm` lists, hot for those that the fleet reads most.",
    ),
    rate: rate({ min: '1/s', max: '10000000/s' })
      .optional()
      .describe('Most keys a second that are loaded so; as many as readers leave unless given.'),
    notWithin: duration({ min: '1s', max: '365d' })
      .prefault(NOT_WITHIN)
      .describe('Not if any sidecar of the fleet has done it within so long.'),
  })
  .optional()
  .describe('Loads keys behind the start of a sidecar, before they are asked for; one sidecar of the fleet does it.')

type WarmFields = z.output<typeof warmFields>

export function preloadOf(warm: WarmFields): Preload | undefined {
  if (warm === undefined) return undefined
  return { from: warm.from, keysPerSecond: warm.rate, notWithinMs: warm.notWithin }
}

export function describePreload(preload: Preload | undefined): object {
  if (preload === undefined) return {}
  const { from, keysPerSecond, notWithinMs } = preload
  const limited = keysPerSecond === undefined ? {} : { rate: formatRate(keysPerSecond) }
  return { warm: { from, ...limited, notWithin: formatDuration(notWithinMs) } }
}
