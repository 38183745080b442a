import { z } from 'zod'
import { formatSize } from '../../base/size.ts'
import { choice, flag, sizeOrAuto } from '../scalars.ts'

export const nearSection = z.strictObject({
  maxBytes: sizeOrAuto()
    .prefault('auto')
    .describe(
      "Bound of the near cache: keys, values and bookkeeping. 0 turns it off; auto takes it from the container's memory.",
    ),
  policy: choice(['frequency', 'lru', 'ttl'])
    .prefault('frequency')
    .describe('Which entries stay: frequently used ones, recently used ones, or those that live longest.'),
  prewarm: flag().prefault(true).describe("Whether a new sidecar reads the fleet's hot keys before it is ready."),
})

export type NearConfig = Readonly<z.output<typeof nearSection>>

export function describeNear(near: NearConfig): object {
  return {
    maxBytes: near.maxBytes === undefined ? 'auto' : formatSize(near.maxBytes),
    policy: near.policy,
    prewarm: near.prewarm,
  }
}
