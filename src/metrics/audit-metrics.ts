import { AUDITED_AGAINST, type AuditStats } from '../cache/audit-tally.ts'
import { histograms, keyed } from './samples.ts'
import type { ScrapedMetric } from './scraped.ts'

const STALENESS = 'ringside_audit_staleness_seconds'

/** What the audits of answers said, by keyspace. */
export function auditMetrics(audits: () => ReadonlyMap<string, AuditStats>): ScrapedMetric[] {
  const each = () =>
    [...audits()].flatMap(([keyspace, stats]) =>
      AUDITED_AGAINST.map((against) => ({ labels: { keyspace, against }, results: stats[against] })),
    )
  return [
    {
      name: 'ringside_audited_total',
      help: 'Hits that were compared with the home shard or the origin, by result.',
      type: 'counter',
      samples: () => each().flatMap(({ labels, results }) => keyed('result', results, labels)),
    },
    {
      name: 'ringside_audit_violations_total',
      help: 'Audited hits that were older than their bound.',
      type: 'counter',
      samples: () => each().map(({ labels, results }) => ({ labels, value: results.violation })),
    },
    {
      name: STALENESS,
      help: 'By how much audited hits were stale at least.',
      type: 'histogram',
      samples: () =>
        histograms(
          STALENESS,
          'keyspace',
          [...audits()].map(([name, { staleness }]) => [name, staleness]),
        ),
    },
  ]
}
