import { z } from 'zod'
import { formatSize } from '../../base/size.ts'
import { choice, flag, size } from '../scalars.ts'

export const nearSection = z.strictObject({
  maxBytes: size().prefault('64MiB').describe('Bound of the near cache: keys, values and bookkeeping. 0 turns it off.'),
  policy: choice(['frequency', 'lru', 'ttl'])
    .prefault('frequency')
    .describe('Which entries stay: frequently used ones, recently used ones, or those that live longest.'),
  prewarm: flag().prefault(false).describe("Fill a new sidecar from the fleet's hot keys. Only false for now."),
})

export type NearConfig = Readonly<Omit<z.output<typeof nearSection>, 'prewarm'>>

export function nearConfig({ maxBytes, policy }: z.output<typeof nearSection>): NearConfig {
  return { maxBytes, policy }
}

export function describeNear(near: NearConfig): object {
  return { maxBytes: formatSize(near.maxBytes), policy: near.policy }
}
