import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { formatSize } from '../../base/size.ts'
import { duration, integer, size } from '../scalars.ts'

export const limitsSection = z.strictObject({
  value: size({ min: '1B', max: '256MiB' }).prefault('4MiB').describe('Largest value.'),
  batch: integer({ min: 1, max: 100_000 }).prefault(1000).describe('Most keys in one BatchGet or Invalidate.'),
  inFlight: integer({ min: 1, max: 1_000_000 })
    .prefault(10_000)
    .describe('Most calls at once; those above it are refused.'),
  loopLag: duration({ min: '0', max: '10s' })
    .prefault('200ms')
    .describe('Calls are refused while the event loop is later than this for a tenth of a second; `0` = never.'),
  memory: size({ min: '16MiB', max: '1TiB' })
    .optional()
    .describe(
      "Calls are refused while the process holds more memory; by default 95 % of its container's, if that has a limit.",
    ),
})

export interface LimitsConfig {
  readonly valueBytes: number
  readonly batch: number
  readonly inFlight: number
  /** 0 = any. */
  readonly loopLagMs: number
  /** `undefined` = 95 % of what the container may take. */
  readonly memoryBytes: number | undefined
}

export function limitsConfig({
  value,
  batch,
  inFlight,
  loopLag,
  memory,
}: z.output<typeof limitsSection>): LimitsConfig {
  return { valueBytes: value, batch, inFlight, loopLagMs: loopLag, memoryBytes: memory }
}

export function describeLimits(limits: LimitsConfig): object {
  const { valueBytes, batch, inFlight, loopLagMs, memoryBytes } = limits
  const memory = memoryBytes === undefined ? {} : { memory: formatSize(memoryBytes) }
  return { value: formatSize(valueBytes), batch, inFlight, loopLag: formatDuration(loopLagMs), ...memory }
}
