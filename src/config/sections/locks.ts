import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { duration, flag } from '../scalars.ts'

export const locksSection = z.strictObject({
  enabled: flag().prefault(false).describe('Whether `ringside.v1.Lock` is served.'),
  maxTtl: duration({ min: '1s', max: '10m' })
    .prefault('60s')
    .describe(
      'For how long, at most, a lock may be asked for at once; after its shard has lost its memory nobody is granted one for so long. The same in the whole fleet.',
    ),
})

export interface LocksConfig {
  readonly enabled: boolean
  readonly maxTtlMs: number
}

export function locksConfig({ enabled, maxTtl }: z.output<typeof locksSection>): LocksConfig {
  return { enabled, maxTtlMs: maxTtl }
}

export function describeLocks({ enabled, maxTtlMs }: LocksConfig): object {
  return { enabled, maxTtl: formatDuration(maxTtlMs) }
}
