import { z } from 'zod'
import { formatRate } from '../../base/rate.ts'
import { formatShare } from '../../base/share.ts'
import { integer, rate, share } from '../scalars.ts'

export const hotSection = z.strictObject({
  leastRate: rate({ min: '1/s', max: '1000000/s' })
    .prefault('200/s')
    .describe('A key with fewer reads of its shard than this, of all sidecars together, is not hot and has no copies.'),
  targetShare: share({ min: '1%', max: '100%' })
    .prefault('25%')
    .describe('How much of the reads of a shard, in the mean of all, may be for one key: above that it is copied.'),
  labels: integer({ min: 0, max: 100 })
    .prefault(0)
    .describe('So many of the hottest keys are labels of `ringside_hot_key_reads`. 0 keeps keys out of the metrics.'),
})

export interface HotConfig {
  /** Per second. */
  readonly leastRate: number
  readonly targetShare: number
  readonly labels: number
}

export function describeHot({ leastRate, targetShare, labels }: HotConfig): object {
  return { leastRate: formatRate(leastRate), targetShare: formatShare(targetShare), labels }
}
