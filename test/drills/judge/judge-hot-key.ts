import { pause, systemClock } from '../../../src/base/clock.ts'
import { drillIn, runDrill } from '../drill.ts'
import type { DrillRecord } from '../drill-record.ts'
import { type DrillSettings, describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { HOT_SHAPE, hotKey } from '../faults/hot-key.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { phaseTable } from '../report/phase-table.ts'
import { shardFigures } from '../report/shard-figures.ts'
import { timelineOf } from '../timeline.ts'
import { COUNTED_KEY } from '../world/drill-database.ts'
import { startDrillWorld } from '../world/drill-world.ts'
import { RingTier } from '../world/ring-tier.ts'
import { ShardWatch } from '../world/shard-watch.ts'
import { describeWorld, USUAL_WORLD, type WorldShape } from '../world/world-shape.ts'
import { IdleLoad, nearVerdicts, spreadVerdicts } from './hot-key-verdicts.ts'
import type { Judge, JudgeOptions } from './judge.ts'
import { invariantsOfAll } from './shard-kill-verdicts.ts'

const SHAPE: WorldShape = { ...USUAL_WORLD, ...HOT_SHAPE }
const DRILL: DrillSettings = { ...USUAL_DRILL, perSecond: 2_000, faultMs: 30_000, recoveryMs: 65_000 }
const SHORT = { faultMs: 20_000, recoveryMs: 12_000 }
const NEAR_SHAPE = { nearBytes: 1024 * 1024 }
const NEAR_DRILL = { ...SHORT, perSecond: 5_000, changesPerSecond: 0 }
const NEAR_KEY = { ...hotKey, crowd: { key: COUNTED_KEY, share: 1, changesPerSecond: 0.9 } }
const IDLE_MS = 5_000

/** Near caches take all but a few of the reads of one key. */
async function nearWorld(shape: WorldShape, settings: DrillSettings, progress: JudgeOptions['progress']) {
  const world = await startDrillWorld(shape, RingTier.start)
  try {
    const watch = new ShardWatch(world.tier.primaries)
    const from = monotonicMs() + IDLE_MS / 5
    await pause(systemClock, IDLE_MS)
    const to = monotonicMs() - IDLE_MS / 5
    await watch.stop()
    const idle = new IdleLoad({ shards: watch.samples }, from, to)
    return { idle, record: await drillIn(world, { ...settings, scenario: NEAR_KEY, shape, progress }) }
  } finally {
    await world.stop()
  }
}

/** One key has most of the reads: with copies, without, and with near caches. */
export const judgeHotKey: Judge = {
  name: 'hot-key',
  async run({ shape: unlike, drill, progress }) {
    const shape = { ...SHAPE, ...unlike }
    const settings = { ...DRILL, ...drill }
    progress('with copies')
    const record = await runDrill({ ...settings, scenario: hotKey, shape, progress })
    progress('without copies')
    const bare = { ...shape, maxCopies: 0 }
    const without = await runDrill({ ...settings, ...SHORT, scenario: hotKey, shape: bare, progress })
    progress('with near caches')
    const nearShape = { ...shape, ...NEAR_SHAPE }
    const near = await nearWorld(nearShape, { ...settings, ...NEAR_DRILL, ...drill }, progress)
    const runs: readonly DrillRecord[] = [record, without, near.record]
    return {
      title: 'A hot key',
      intro: `${(hotKey.crowd?.share ?? 0) * 100} % of all gets are for one key for ${settings.faultMs / 1_000} s, and no near cache keeps it: with copies on other shards, and without. Then the same with near caches, and nothing read but that key.`,
      setting: withLateness([describeWorld(shape), describeLoad(settings)].join('\n'), {
        slices: runs.flatMap(({ slices }) => slices),
      }),
      verdicts: [...spreadVerdicts(record, without), ...nearVerdicts(near.record, near.idle), ...invariantsOfAll(runs)],
      sections: [
        ['## With copies', phaseTable(record)],
        ['## Without copies', phaseTable(without)],
        ['## With near caches', phaseTable(near.record)],
      ].flat(),
      figures: [
        ...shardFigures(record, 'with copies'),
        ...shardFigures(without, 'without copies'),
        ...shardFigures(near.record, 'with near caches'),
        ...figuresOf(record, timelineOf(record)),
      ],
    }
  },
}
