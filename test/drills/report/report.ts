import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import type { Scenario } from '../scenario.ts'
import { summaryOf, timelineOf } from '../timeline.ts'
import { figuresOf } from './figures.ts'
import { resultOf, writeIndex } from './index-page.ts'

export interface Reported {
  readonly scenario: Scenario
  /** The command that repeats it. */
  readonly command: string
  readonly setting: string
  readonly record: DrillRecord
  readonly invariants: readonly Invariant[]
}

/** Writes the report and its pictures into a folder of the scenario's name; answers the path of the report. */
export function writeReport(out: string, reported: Reported): string {
  const folder = join(out, reported.scenario.name)
  mkdirSync(folder, { recursive: true })
  const figures = figuresOf(reported.record, timelineOf(reported.record))
  for (const { file, svg } of figures) writeFileSync(join(folder, file), svg)
  const pictures = figures.map(({ file, title }) => `![${title}](${file})`)
  const path = join(folder, 'README.md')
  writeFileSync(path, `${[...textOf(reported), '## What each second looked like', ...pictures].join('\n\n')}\n`)
  writeIndex(out, reported.scenario.name, resultOf(reported))
  return path
}

function textOf({ scenario, command, setting, record, invariants }: Reported): string[] {
  const failed = invariants.filter(({ passed }) => !passed).length
  const rows = invariants.map(({ name, passed, seen }) => `| ${passed ? 'passed' : '**FAILED**'} | ${name} | ${seen} |`)
  return [
    `# Drill: ${scenario.name}`,
    `${scenario.fault} ${failed === 0 ? 'All invariants held.' : `**${failed} of ${invariants.length} invariants failed.**`}`,
    `\`${command}\`, on ${cpus().length} cores of ${(cpus()[0]?.model ?? 'an unknown processor').trim()}, Node ${process.versions.node}, ${process.platform}.`,
    setting,
    '## Invariants',
    ['| | promise | seen |', '|---|---|---|', ...rows].join('\n'),
    '## Phases',
    phaseTable(record),
  ]
}

function phaseTable(record: DrillRecord): string {
  const { beganAt, faultAt, mendedAt, endedAt } = record.phases
  const rows = (
    [
      ['baseline', beganAt, faultAt],
      ['fault', faultAt, mendedAt],
      ['recovery', mendedAt, endedAt],
    ] as const
  ).map(([name, from, to]) => {
    const { gets, hitRatio, p50Ms, p99Ms, p999Ms, failures, degraded, lagP99Ms, lagMostMs } = summaryOf(
      slicesBetween(record, from, to),
    )
    const ms = (...numbers: readonly number[]) => numbers.map((number) => number.toFixed(1)).join(' / ')
    return [
      name,
      `${((to - from) / 1_000).toFixed(1)} s`,
      gets,
      `${(hitRatio * 100).toFixed(2)} %`,
      ms(p50Ms, p99Ms, p999Ms),
      counted(failures) || 'none',
      degraded,
      ms(lagP99Ms, lagMostMs),
    ].join(' | ')
  })
  const heading =
    '| phase | lasted | gets | hits | p50 / p99 / p99.9, ms | failures | degraded | lag of the load, p99 / most, ms |'
  return [heading, '|---|---|--:|--:|--:|---|--:|--:|', ...rows.map((row) => `| ${row} |`)].join('\n')
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
