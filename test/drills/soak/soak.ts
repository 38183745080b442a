import { pause, systemClock } from '../../../src/base/clock.ts'
import { SeededChance } from '../../torture/seeded-chance.ts'
import { deathsOf, startLoad, tellProgress } from '../drill.ts'
import type { DrillRecord } from '../drill-record.ts'
import { type DrillSettings, describeLoad, USUAL_DRILL } from '../drill-settings.ts'
import { dbDisconnect, dbDown, dbSlow } from '../faults/database-faults.ts'
import { partition } from '../faults/partition.ts'
import { flush, reconnectStorm, shardFreeze, shardKill } from '../faults/shard-faults.ts'
import { checkerInvariants } from '../invariants.ts'
import { lastAnswers } from '../last-answers.ts'
import { monotonicMs } from '../load/monotonic.ts'
import { figuresOf } from '../report/figures.ts'
import { withLateness } from '../report/lateness.ts'
import { memoryFigures } from '../report/memory-figures.ts'
import type { Page } from '../report/page.ts'
import { RECOVERY_MS } from '../scenario.ts'
import { summaryOf, timelineOf } from '../timeline.ts'
import { DatabaseWatch } from '../world/database-watch.ts'
import { readRevisions } from '../world/drill-database.ts'
import { type DrillWorld, startDrillWorld } from '../world/drill-world.ts'
import { RingTier } from '../world/ring-tier.ts'
import { SidecarWatch } from '../world/sidecar-watch.ts'
import { describeWorld, USUAL_WORLD, type WorldShape } from '../world/world-shape.ts'
import { faultLane, type Inflicted } from './fault-lane.ts'
import { soakPlan } from './soak-plan.ts'
import { type Calm, FILES, HANDLES, heldVerdicts, RESIDENT, RESOURCES, TIMERS } from './soak-verdicts.ts'

export interface SoakOptions {
  readonly shape: Partial<WorldShape>
  readonly drill: Partial<DrillSettings>
  readonly minutes: number | undefined
  readonly progress: (text: string) => void
}

const MINUTES = 20
const SHAPE: WorldShape = { ...USUAL_WORLD, keys: 10_000, skew: 0.99, nearBytes: 512 * 1024, roads: true }
const DRILL: DrillSettings = { ...USUAL_DRILL, coldPerSecond: 5 }
const SAMPLE_MS = 2_000
const SHARD_FAULTS = [shardKill, shardFreeze, flush, reconnectStorm, partition]
const DATABASE_FAULTS = [dbSlow, dbDown, dbDisconnect]

interface Soaked {
  readonly record: DrillRecord
  readonly inflicted: readonly Inflicted[]
  readonly before: Calm
  readonly after: Calm
}

/** Faults at random for a long time; whether anything wrong was answered, and whether anything was left behind. */
export async function runSoak({ progress, minutes = MINUTES, ...unlike }: SoakOptions): Promise<Omit<Page, 'command'>> {
  const shape = { ...SHAPE, ...unlike.shape }
  const settings = { ...DRILL, ...unlike.drill }
  progress(`starting ${shape.shards} shards, PostgreSQL and ${shape.sidecars} sidecars, for ${minutes} minutes`)
  const world = await startDrillWorld(shape, RingTier.start)
  try {
    const soaked = await soakIn(world, settings, minutes, progress)
    const logs = world.sidecars.map((sidecar) => sidecar.log())
    return pageOf(soaked, { settings, minutes, logs })
  } finally {
    await world.stop()
  }
}

async function soakIn(
  world: DrillWorld<RingTier>,
  settings: DrillSettings,
  minutes: number,
  progress: (text: string) => void,
): Promise<Soaked> {
  const plan = soakPlan(minutes)
  const chance = new SeededChance(settings.seed)
  const watch = new DatabaseWatch(world.postgres)
  const sidecars = new SidecarWatch(world.sidecars, [RESIDENT, FILES, HANDLES, RESOURCES, TIMERS], SAMPLE_MS)
  const load = startLoad(world, settings)
  const over = new AbortController()
  let phase = 'warm up'
  const lanes = async (forMs: number) => {
    const both = [SHARD_FAULTS, DATABASE_FAULTS].map((faults) => faultLane(world, { faults, forMs, chance }))
    return (await Promise.all(both)).flat()
  }
  const calm = async (): Promise<Calm> => {
    const from = monotonicMs()
    await pause(systemClock, plan.calmMs)
    return { from, to: monotonicMs() }
  }
  const beganAt = await load.began()
  const telling = tellProgress(load, watch, over.signal, (text) => progress(`${phase.padEnd(8)} ${text}`))
  const warmingUp = await lanes(plan.warmUpMs)
  phase = 'calm'
  await pause(systemClock, plan.settleMs)
  const before = await calm()
  phase = 'faults'
  const faultAt = monotonicMs()
  const inflicted = await lanes(plan.faultsMs - plan.settleMs)
  const mendedAt = monotonicMs()
  phase = 'calm'
  await pause(systemClock, plan.settleMs)
  const after = await calm()
  const endedAt = monotonicMs()
  over.abort()
  await Promise.all([load.stop(), telling])
  await Promise.all([watch.stop(), sidecars.stop()])
  const { slices, changes, breaches, shown } = load
  const revisions = await readRevisions(world.postgres, world.shape.keys)
  const last = await lastAnswers(world, [...new Set(changes.map(({ key }) => key))], revisions)
  const record: DrillRecord = {
    shape: world.shape,
    phases: { beganAt, faultAt, mendedAt, endedAt },
    deadlineMs: settings.deadlineMs,
    empties: true,
    recoveryWithinMs: RECOVERY_MS,
    slices,
    changes,
    breaches,
    shown,
    gauges: watch.gauges,
    connectedAt: world.connectedAt,
    shards: [],
    samples: sidecars.samples,
    revisions,
    last,
    deaths: deathsOf(world),
    readyAfterMs: 0,
  }
  return { record, inflicted: [...warmingUp, ...inflicted], before, after }
}

function pageOf(
  { record, inflicted, before, after }: Soaked,
  { settings, minutes, logs }: { settings: DrillSettings; minutes: number; logs: readonly string[] },
): Omit<Page, 'command'> {
  const { shape, samples } = record
  const { sidecars, originLimit } = shape
  const { warmUpMs, settleMs, calmMs } = soakPlan(minutes)
  const memoryMs = warmUpMs / 2 + settleMs + calmMs
  const pool = Math.ceil(originLimit / sidecars)
  const windows = inflicted.map(({ from, to }) => [from, to] as const)
  const counts = new Map<string, number>()
  for (const { name } of inflicted) counts.set(name, (counts.get(name) ?? 0) + 1)
  const { gets, failures } = summaryOf(record.slices)
  const failed = Object.entries(failures).map(([name, count]) => `${count} ${name}`)
  return {
    title: `${minutes} minutes of faults`,
    intro: `Faults at random, one lane of them for the shards and one for the database: ${[...counts].map(([name, count]) => `${count} × ${name}`).join(', ')}.`,
    setting: withLateness(
      [
        describeWorld(shape),
        describeLoad(settings),
        'Handles are compared between two times without faults: one after some faults already, when whatever they make a process hold for good is there, and one at the end; medians of what `/metrics` said.',
        `Of memory the largest in the ${(memoryMs / 1_000).toFixed(0)} s up to the end of each of these: when the collector tidies up is chance.`,
      ].join('\n'),
      record,
    ),
    verdicts: [
      ...checkerInvariants(record),
      ...heldVerdicts({ sidecars, samples, before, after, memoryMs, pool, logs }),
    ],
    sections: [`${gets} gets, of which failed: ${failed.join(', ') || 'none'}.`],
    figures: [...memoryFigures(record, windows), ...figuresOf(record, timelineOf(record), windows)],
  }
}
