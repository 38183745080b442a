import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import { type Summary, summaryOf } from '../timeline.ts'

/** What became of the gets of each phase, as Markdown. */
export function phaseTable(record: DrillRecord): string {
  const { beganAt, faultAt, mendedAt, endedAt } = record.phases
  const rows = (
    [
      ['baseline', beganAt, faultAt],
      ['fault', faultAt, mendedAt],
      ['recovery', mendedAt, endedAt],
    ] as const
  ).map(([name, from, to]) => {
    const lasted = `${((to - from) / 1_000).toFixed(1)} s`
    return `| ${[name, lasted, ...cellsOf(summaryOf(slicesBetween(record, from, to)))].join(' | ')} |`
  })
  return [HEADING, '|---|---|--:|--:|--:|---|---|--:|--:|', ...rows].join('\n')
}

const HEADING =
  '| phase | lasted | gets | hits | p50 / p99 / p99.9, ms | answered by | failures | degraded | lag of the load, p99 / most, ms |'

function cellsOf({ gets, hitRatio, sources, failures, degraded, ...summary }: Summary): (string | number)[] {
  const { p50Ms, p99Ms, p999Ms, lagP99Ms, lagMostMs } = summary
  const ms = (...numbers: readonly number[]) => numbers.map((number) => number.toFixed(1)).join(' / ')
  const share = (count: number) => `${((count / Math.max(1, gets)) * 100).toFixed(1)} %`
  const answered = Object.entries(sources)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${share(count)}`)
  const failed = Object.entries(failures).map(([name, count]) => `${count} ${name}`)
  return [
    gets,
    `${(hitRatio * 100).toFixed(2)} %`,
    ms(p50Ms, p99Ms, p999Ms),
    answered.join(', ') || 'nobody',
    failed.join(', ') || 'none',
    degraded,
    ms(lagP99Ms, lagMostMs),
  ]
}
