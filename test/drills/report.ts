import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import type { DrillRecord } from './drill-record.ts'
import { figuresOf } from './figures.ts'
import type { Invariant } from './invariants.ts'
import { ascending, quantile } from './quantile.ts'
import type { Scenario } from './scenarios.ts'
import { isHit, timelineOf } from './timeline.ts'

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

function phaseTable({ phases, observations }: DrillRecord): string {
  const { beganAt, faultAt, mendedAt, endedAt } = phases
  const rows = (
    [
      ['baseline', beganAt, faultAt],
      ['fault', faultAt, mendedAt],
      ['recovery', mendedAt, endedAt],
    ] as const
  ).map(([name, from, to]) => {
    const those = observations.filter(({ dueAt }) => dueAt >= from && dueAt < to)
    const tookMs = ascending(those.map((one) => one.tookMs))
    const lagMs = ascending(those.map((one) => one.lagMs))
    const percent = (count: number) => `${((count / Math.max(1, those.length)) * 100).toFixed(2)} %`
    const ms = (numbers: readonly number[], share: number) => quantile(numbers, share).toFixed(1)
    return [
      name,
      `${((to - from) / 1_000).toFixed(1)} s`,
      those.length,
      percent(those.filter(isHit).length),
      `${ms(tookMs, 0.5)} / ${ms(tookMs, 0.99)} / ${ms(tookMs, 0.999)}`,
      failuresOf(those.map(({ code }) => code)),
      those.filter(({ degraded }) => degraded).length,
      `${ms(lagMs, 0.99)} / ${ms(lagMs, 1)}`,
    ].join(' | ')
  })
  const heading =
    '| phase | lasted | gets | hits | p50 / p99 / p99.9, ms | failures | degraded | lag of the load, p99 / most, ms |'
  return [heading, '|---|---|--:|--:|--:|---|--:|--:|', ...rows.map((row) => `| ${row} |`)].join('\n')
}

function failuresOf(codes: readonly number[]): string {
  const counts = new Map<string, number>()
  for (const code of codes.filter((one) => one !== 0)) {
    const name = status[code] ?? String(code)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'none'
}
