import { runDrill } from '../drill.ts'
import { describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { flush } from '../faults/shard-faults.ts'
import { answeringInvariants, checkerInvariants } from '../invariants.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { phaseTable } from '../report/phase-table.ts'
import { timelineOf } from '../timeline.ts'
import { describeWorld, USUAL_WORLD } from '../world/world-shape.ts'
import { refillOf, refillVerdicts } from './flush-verdicts.ts'
import type { Judge } from './judge.ts'

/**
 * The database is what refilling waits for: it loads 128 keys a second at the most, and is asked for several times as many.
 * As many sidecars run as may, so that each has two places of its own, which it keeps when the table of shares is lost with
 * everything else.
 */
const SHAPE = { ...USUAL_WORLD, sidecars: 8, fleet: 8, keys: 6_000, skew: 0.99, batch: 2, loadMs: 250 }
/** A call has time for several loads, and few keys change: what is loaded again is not counted in what has to be loaded. */
const DRILL = { ...USUAL_DRILL, perSecond: 1_200, changesPerSecond: 4, deadlineMs: 4_000, recoveryMs: 60_000 }

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
      // How soon it recovers is what the refill is judged by: the database sets the pace.
      verdicts: [
        ...refillVerdicts(record, refillOf(record)),
        ...checkerInvariants(record),
        ...answeringInvariants(record),
      ],
      sections: ['## Phases', phaseTable(record)],
      figures: figuresOf(record, timelineOf(record)),
    }
  },
}
