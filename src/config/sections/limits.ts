import { z } from 'zod'
import { formatSize } from '../../base/size.ts'
import { integer, size } from '../scalars.ts'

export const limitsSection = z.strictObject({
  value: size({ min: '1B', max: '256MiB' }).prefault('4MiB').describe('Largest value.'),
  batch: integer({ min: 1, max: 100_000 }).prefault(1000).describe('Most keys in one BatchGet or Invalidate.'),
  inFlight: integer({ min: 1, max: 1_000_000 })
    .prefault(10_000)
    .describe('Most calls at once; those above it are refused.'),
})

export interface LimitsConfig {
  readonly valueBytes: number
  readonly batch: number
  readonly inFlight: number
}

export function limitsConfig({ value, batch, inFlight }: z.output<typeof limitsSection>): LimitsConfig {
  return { valueBytes: value, batch, inFlight }
}

export function describeLimits(limits: LimitsConfig): object {
  return { value: formatSize(limits.valueBytes), batch: limits.batch, inFlight: limits.inFlight }
}
