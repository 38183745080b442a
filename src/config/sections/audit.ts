import { z } from 'zod'
import { formatShare } from '../../base/share.ts'
import { integer, share } from '../scalars.ts'

export const auditSection = z.strictObject({
  share: share()
    .prefault('0.1%')
    .describe(
      'How many of the hits are compared, behind their readers, with what the home shard holds. 0% turns it off.',
    ),
  origin: share()
    .prefault('10%')
    .describe('How many of those are compared with the origin too, once their values are older than the bound.'),
  perSecond: integer({ min: 1, max: 1000 }).prefault(5).describe('Most audits of one sidecar in a second.'),
})

export interface AuditConfig {
  readonly share: number
  readonly originShare: number
  readonly perSecond: number
}

export function auditConfig({ share, origin, perSecond }: z.output<typeof auditSection>): AuditConfig {
  return { share, originShare: origin, perSecond }
}

export function describeAudit(audit: AuditConfig): object {
  return { share: formatShare(audit.share), origin: formatShare(audit.originShare), perSecond: audit.perSecond }
}
