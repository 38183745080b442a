import type { Recovery } from './recovery.ts'
import type { Tortured } from './torture.ts'
import { sum, type Witness } from './witness.ts'

export function progressLine(witness: Witness, elapsedMs: number): string {
  const near = (witness.nearShare * 100).toFixed(1)
  return [
    `${(elapsedMs / 1_000).toFixed(0).padStart(4)} s`,
    `${witness.faultsHappened} faults`,
    `${witness.reads} reads`,
    `near ${near} %`,
    `${witness.degraded} degraded`,
    `${sum(witness.failures)} unanswered`,
    `${witness.violated} violations`,
  ].join(' · ')
}

export function summaryTable({ witness, recovery }: Partial<Tortured> & Pick<Tortured, 'witness'>): string {
  const rows: (readonly [string, string])[] = [
    ['reads', String(witness.reads)],
    ['from', listed(witness.sources)],
    ['near hits', `${(witness.nearShare * 100).toFixed(1)} %`],
    ['misses', String(witness.misses)],
    ['degraded', String(witness.degraded)],
    ['unanswered', listed(witness.failures)],
    ['changes', listed(witness.changes)],
    ['faults', listed(witness.faults)],
    ...(recovery === undefined ? [] : [['all well', wellness(recovery)] as const]),
    ['violations', String(witness.violated)],
    ...[...witness.violationsByFault].map(([fault, rules]) => [`  after ${fault}`, listed(rules)] as const),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

const wellness = (recovery: Recovery): string =>
  'unwell' in recovery ? `no: ${recovery.unwell}` : `after ${recovery.afterMs.toFixed(0)} ms`

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'
