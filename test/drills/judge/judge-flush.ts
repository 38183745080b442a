import { runDrill } from '../drill.ts'
import { describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { flush } from '../faults/shard-faults.ts'
import { invariantsOf } from '../invariants.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { phaseTable } from '../report/phase-table.ts'
import { timelineOf } from '../timeline.ts'
import { describeWorld, USUAL_WORLD } from '../world/world-shape.ts'
import { refillOf, refillVerdicts } from './flush-verdicts.ts'
import type { Judge } from './judge.ts'

/**
 * The database is what refilling waits for: it loads 640 keys a second at the most. One more sidecar may run than does, so
 * that each has one place of its own, and seven are lent.
 */
const SHAPE = { ...USUAL_WORLD, sidecars: 8, fleet: 9, keys: 10_000, skew: 0.99, batch: 4, loadMs: 100 }
const DRILL = { ...USUAL_DRILL, perSecond: 3_000, recoveryMs: 30_000 }

/** The whole tier is emptied under eight sidecars. */
export const judgeFlush: Judge = {
  name: 'flush',
  async run({ shape: unlike, drill, progress }) {
    const shape = { ...SHAPE, ...unlike }
    const settings = { ...DRILL, ...drill }
    const record = await runDrill({ ...settings, scenario: flush, shape, progress })
    const rate = (shape.originLimit * shape.batch * 1_000) / shape.loadMs
    return {
      title: 'The whole tier emptied',
      intro: `All shards are emptied at once under ${shape.sidecars} sidecars. The database can load ${rate.toFixed(0)} keys a second, ${shape.originLimit} loads at once of ${shape.batch} keys each; nobody asks it for more.`,
      setting: withLateness([describeWorld(shape), describeLoad(settings)].join('\n'), record),
      verdicts: [...refillVerdicts(record, refillOf(record)), ...invariantsOf(record)],
      sections: ['## Phases', phaseTable(record)],
      figures: figuresOf(record, timelineOf(record)),
    }
  },
}
