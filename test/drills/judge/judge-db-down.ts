import { runDrill } from '../drill.ts'
import { describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { dbDown } from '../faults/database-faults.ts'
import { invariantsOf } from '../invariants.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { phaseTable } from '../report/phase-table.ts'
import { timelineOf } from '../timeline.ts'
import { describeWorld, USUAL_WORLD } from '../world/world-shape.ts'
import { BREAKER, downVerdicts } from './db-down-verdicts.ts'
import type { Judge } from './judge.ts'

const DRILL = { ...USUAL_DRILL, faultMs: 30_000, coldPerSecond: 100 }

/** The database is gone for half a minute. */
export const judgeDbDown: Judge = {
  name: 'db-down',
  async run({ shape: unlike, drill, progress }) {
    const shape = { ...USUAL_WORLD, ...unlike }
    const settings = { ...DRILL, ...drill }
    const record = await runDrill({ ...settings, scenario: dbDown, shape, follow: [BREAKER], progress })
    return {
      title: 'The database down',
      intro: `The database is killed, and started again ${settings.faultMs / 1_000} s later, while keys that are cached and keys that nobody has asked for before are read.`,
      setting: withLateness([describeWorld(shape), describeLoad(settings)].join('\n'), record),
      verdicts: [...downVerdicts(record), ...invariantsOf(record)],
      sections: ['## Phases', phaseTable(record)],
      figures: figuresOf(record, timelineOf(record)),
    }
  },
}
