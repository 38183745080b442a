import { pause, systemClock } from '../../../src/base/clock.ts'
import { drillIn, startLoad } from '../drill.ts'
import type { DrillRecord } from '../drill-record.ts'
import { type DrillSettings, describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { shardKill } from '../faults/shard-faults.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { total } from '../load/slice.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { phaseTable } from '../report/phase-table.ts'
import { timelineOf } from '../timeline.ts'
import { type DrillWorld, fillCaches, startDrillWorld } from '../world/drill-world.ts'
import { RingTier } from '../world/ring-tier.ts'
import { describeWorld, USUAL_WORLD } from '../world/world-shape.ts'
import type { Judge } from './judge.ts'
import { invariantsOfAll, killRunOf, killVerdicts } from './shard-kill-verdicts.ts'

const SHAPE = { ...USUAL_WORLD, keys: 50_000, skew: 0.99, nearBytes: 2 * 1024 * 1024 }
const DRILL = { ...USUAL_DRILL, faultMs: 30_000 }
const RUNS = 5
const CAPACITY_MS = 10_000
/** So many gets at once keep everything busy. */
const AT_ONCE = 128
const SHARE_OF_CAPACITY = 0.5

/** As many gets a second as are answered when another follows each at once. */
async function capacityOf(world: DrillWorld, settings: DrillSettings): Promise<number> {
  const load = startLoad(world, settings, { atOnce: AT_ONCE })
  await load.began()
  const from = monotonicMs()
  await pause(systemClock, CAPACITY_MS)
  const forMs = monotonicMs() - from
  await load.stop()
  return (total(load.slices, ({ gets }) => gets) * 1_000) / forMs
}

/** One shard of three is killed at half of the measured capacity. */
export const judgeShardKill: Judge = {
  name: 'shard-kill',
  async run(options) {
    const { progress, runs = RUNS } = options
    const shape = { ...SHAPE, ...options.shape }
    progress(`starting ${shape.shards} shards and ${shape.sidecars} sidecars, and filling them with ${shape.keys} keys`)
    const world = await startDrillWorld(shape, RingTier.start)
    try {
      const capacity = await capacityOf(world, DRILL)
      progress(`capacity: ${capacity.toFixed(0)} gets a second`)
      const perSecond = Math.floor(capacity * SHARE_OF_CAPACITY)
      const settings = { ...DRILL, perSecond, ...options.drill }
      const records: DrillRecord[] = []
      for (let run = 1; run <= runs; run += 1) {
        progress(`run ${run} of ${runs}`)
        await fillCaches(world)
        records.push(
          await drillIn(world, { ...settings, seed: settings.seed + run, scenario: shardKill, shape, progress }),
        )
      }
      const last = records.at(-1) as DrillRecord
      return {
        title: 'A shard killed at half of the capacity',
        intro: `One of ${shape.shards} shards is killed and, ${settings.faultMs / 1_000} s later, started again, empty; ${runs} times. The keyspace allows stale answers in an emergency (\`degraded\`).`,
        setting: withLateness(
          [
            describeWorld(shape),
            `Capacity, by ${AT_ONCE} gets at once: ${capacity.toFixed(0)} a second, load, sidecars and servers on the same cores.`,
            describeLoad(settings),
          ].join('\n'),
          { slices: records.flatMap(({ slices }) => slices) },
        ),
        verdicts: [...killVerdicts(records.map(killRunOf)), ...invariantsOfAll(records)],
        sections: records.flatMap((record, run) => [`## Run ${run + 1}`, phaseTable(record)]),
        figures: figuresOf(last, timelineOf(last)),
      }
    } finally {
      await world.stop()
    }
  },
}
