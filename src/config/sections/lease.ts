import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { duration } from '../scalars.ts'

export const leaseSection = z.strictObject({
  ttl: duration({ min: '100ms', max: '10m' })
    .prefault('3s')
    .describe('How long one sidecar may take to fill a key before another may try: the cost of one that dies.'),
  wait: duration({ min: '1ms', max: '10m' })
    .prefault('1s')
    .describe('How long a read waits for the sidecar that fills its key.'),
})

export interface LeaseConfig {
  readonly ttlMs: number
  readonly waitMs: number
}

export function leaseConfig({ ttl, wait }: z.output<typeof leaseSection>): LeaseConfig {
  return { ttlMs: ttl, waitMs: wait }
}

export function describeLease(lease: LeaseConfig): object {
  return { ttl: formatDuration(lease.ttlMs), wait: formatDuration(lease.waitMs) }
}
