import { pause, systemClock } from '../../src/base/clock.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import type { DrillRecord, Phases } from './drill-record.ts'
import type { DrillSettings } from './drill-settings.ts'
import { lastAnswers } from './last-answers.ts'
import type { DrillLoad } from './load/drill-load.ts'
import { LatencyHistogram } from './load/latency-histogram.ts'
import { monotonicMs } from './load/monotonic.ts'
import { RunningLoad } from './load/running-load.ts'
import { failed, hits, total } from './load/slice.ts'
import { RECOVERY_MS, type Scenario } from './scenario.ts'
import { DatabaseWatch } from './world/database-watch.ts'
import { readRevisions } from './world/drill-database.ts'
import type { DrillTier } from './world/drill-tier.ts'
import { type DrillWorld, KEYSPACE, socketUrl, startDrillWorld } from './world/drill-world.ts'
import { ShardWatch } from './world/shard-watch.ts'
import { SidecarWatch } from './world/sidecar-watch.ts'
import { describeWorld, type WorldShape } from './world/world-shape.ts'

export interface DrillOptions extends DrillSettings {
  readonly scenario: Scenario
  readonly shape: WorldShape
  /** Samples of `/metrics` to follow. */
  readonly follow?: readonly string[]
  /** Told how it goes, about once a second. */
  readonly progress: (text: string) => void
}

const PROGRESS_MS = 1_000
const READINESS_MS = 100
const FOLLOW_MS = 200
const READY_WITHIN_MS = 30_000

/** Baseline, fault, recovery: with real processes, which end with it. */
export async function runDrill(options: DrillOptions): Promise<DrillRecord> {
  const { shape, scenario, progress } = options
  progress(`starting ${describeWorld(shape).split('. ')[0]}`)
  const world = await startDrillWorld(shape, scenario.startTier)
  try {
    return await drillIn(world, options)
  } finally {
    await world.stop()
  }
}

/** The same in a world that stands. */
export async function drillIn<Tier extends DrillTier>(
  world: DrillWorld<Tier>,
  options: DrillOptions & { readonly scenario: Scenario<Tier> },
): Promise<DrillRecord> {
  const { scenario, progress } = options
  const watch = new DatabaseWatch(world.postgres)
  const shards = new ShardWatch(scenario.crowd === undefined ? [] : (world.tier.primaries ?? []))
  const sidecars = new SidecarWatch(world.sidecars, options.follow ?? [], FOLLOW_MS)
  const load = startLoad(world, options)
  const over = new AbortController()
  let phase = 'baseline'
  const beganAt = await load.began()
  const telling = tellProgress(load, watch, over.signal, (text) => progress(`${phase.padEnd(8)} ${text}`))
  await pause(systemClock, options.baselineMs)
  phase = 'fault'
  load.mark()
  const faultAt = monotonicMs()
  if (scenario.crowd !== undefined) load.crowd(scenario.crowd)
  const mend = await scenario.inflict(world, new SeededChance(options.seed))
  if (scenario.momentary !== true) await pause(systemClock, options.faultMs)
  load.crowd(undefined)
  await mend()
  if (scenario.momentary !== true) load.mark()
  const mendedAt = monotonicMs()
  phase = 'recovery'
  const [readyAfterMs] = await Promise.all([readyAfter(world, mendedAt), pause(systemClock, options.recoveryMs)])
  const endedAt = monotonicMs()
  over.abort()
  await Promise.all([load.stop(), telling])
  await Promise.all([watch.stop(), shards.stop(), sidecars.stop()])
  progress('comparing what the sidecars answer with what the database says')
  const phases: Phases = { beganAt, faultAt, mendedAt, endedAt }
  const { slices, changes, breaches, shown } = load
  const revisions = await readRevisions(world.postgres, world.shape.keys)
  const last = await lastAnswers(world, [...new Set(changes.map(({ key }) => key))], revisions)
  return {
    shape: world.shape,
    phases,
    deadlineMs: options.deadlineMs,
    empties: scenario.empties ?? false,
    recoveryWithinMs: scenario.recoveryWithinMs ?? RECOVERY_MS,
    slices,
    changes,
    breaches,
    shown,
    gauges: watch.gauges,
    connectedAt: world.connectedAt,
    samples: sidecars.samples,
    shards: shards.samples,
    revisions,
    last,
    deaths: deathsOf(world),
    readyAfterMs,
  }
}

/** The load that the settings ask for. */
export function startLoad(
  { sidecars, shape, postgres }: DrillWorld,
  { perSecond, coldPerSecond, deadlineMs, changesPerSecond, seed }: DrillSettings,
  pace: DrillLoad['pace'] = { perSecond },
): RunningLoad {
  const { keys, skew, boundMs } = shape
  return new RunningLoad({
    targets: sidecars.map(({ grpc }) => grpc),
    keyspace: KEYSPACE,
    keys,
    skew,
    pace,
    coldPerSecond,
    boundMs,
    deadlineMs,
    databaseUrl: socketUrl(postgres),
    changesPerSecond,
    seed,
  })
}

export const deathsOf = ({ sidecars }: DrillWorld): string[] =>
  sidecars.flatMap((sidecar, index) => {
    const death = sidecar.death()
    return death === undefined ? [] : [`sidecar ${index + 1} ${death}`]
  })

/** About once a second: what the load has told since. */
export async function tellProgress(
  { slices }: RunningLoad,
  { gauges }: DatabaseWatch,
  over: AbortSignal,
  tell: (text: string) => void,
): Promise<void> {
  let seen = 0
  for (let second = 1; !over.aborted; second += 1) {
    await pause(systemClock, PROGRESS_MS, over)
    const fresh = slices.slice(seen)
    seen += fresh.length
    const gets = total(fresh, (slice) => slice.gets)
    const hit = ((total(fresh, hits) / Math.max(1, gets)) * 100).toFixed(1)
    const p99 = LatencyHistogram.of(fresh.map(({ took }) => took))
      .quantile(0.99)
      .toFixed(1)
    const database = `${gauges.at(-1)?.atOnce ?? 0} loads at once`
    const text = `${gets} gets · ${hit} % hits · p99 ${p99} ms · ${total(fresh, failed)} failed · ${database}`
    tell(`${String(second).padStart(3)} s  ${text}`)
  }
}

/** How long after that moment no sidecar had a reason to be unready any more. */
async function readyAfter({ sidecars }: DrillWorld, since: number): Promise<number | undefined> {
  while (monotonicMs() - since < READY_WITHIN_MS) {
    const pages = await Promise.all(sidecars.map((sidecar) => sidecar.readiness().catch(() => undefined)))
    if (pages.every((page) => page?.body.reasons.length === 0)) return monotonicMs() - since
    await pause(systemClock, READINESS_MS)
  }
  return undefined
}
