import { join } from 'node:path'
import type { DrillRecord } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import type { Scenario } from '../scenario.ts'
import { timelineOf } from '../timeline.ts'
import { figuresOf } from './figures.ts'
import { resultOf, writeResult } from './index-page.ts'
import { withLateness } from './lateness.ts'
import { writePage } from './page.ts'
import { phaseTable } from './phase-table.ts'
import { shardFigures } from './shard-figures.ts'

export interface Reported {
  readonly scenario: Scenario
  /** The command that repeats it. */
  readonly command: string
  readonly setting: string
  readonly record: DrillRecord
  readonly invariants: readonly Invariant[]
}

/** Writes the report and its pictures into a folder of the scenario's name, and the index; answers the path of the report. */
export function writeReport(out: string, reported: Reported): string {
  const { scenario, record, invariants, command, setting } = reported
  const failed = invariants.filter(({ passed }) => !passed).length
  const path = writePage(join(out, scenario.name), {
    title: `Drill: ${scenario.name}`,
    intro: `${scenario.fault} ${failed === 0 ? 'All invariants held.' : `**${failed} of ${invariants.length} invariants failed.**`}`,
    command,
    setting: withLateness(setting, record),
    verdicts: invariants,
    sections: ['## Phases', phaseTable(record)],
    figures: [...figuresOf(record, timelineOf(record)), ...shardFigures(record)],
  })
  writeResult(out, scenario.name, resultOf(reported))
  return path
}
