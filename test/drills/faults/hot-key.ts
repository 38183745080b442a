import type { Scenario } from '../scenario.ts'
import { COUNTED_KEY } from '../world/drill-database.ts'
import { RingTier } from '../world/ring-tier.ts'

/** Most of what is read of it is read at shards, since near caches are off. */
export const HOT_SHAPE = { sidecars: 6, shards: 4, nearBytes: 0 }
const SHARE = 0.6

export const hotKey: Scenario<RingTier> = {
  name: 'hot-key',
  fault: `${SHARE * 100} % of the gets are for one key, which no near cache keeps.`,
  shape: HOT_SHAPE,
  crowd: { key: COUNTED_KEY, share: SHARE, changesPerSecond: 0.5 },
  startTier: RingTier.start,
  inflict: async () => async () => undefined,
}
