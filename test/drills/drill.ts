import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { GetAnswer } from '../../src/client/get-message.ts'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { DatabaseWatch, ORIGIN_LIMIT, readRevisions } from './drill-database.ts'
import type { DrillLoad } from './drill-load.ts'
import type { DrillRecord, LastAnswer, Phases } from './drill-record.ts'
import { BOUND_MS, type DrillWorld, KEYS, KEYSPACE, startDrillWorld } from './drill-world.ts'
import { monotonicMs } from './monotonic.ts'
import { type Change, type Observation, readLoadLine } from './observation.ts'
import { ascending, quantile } from './quantile.ts'
import type { Scenario } from './scenarios.ts'
import { isHit } from './timeline.ts'

export interface DrillOptions {
  readonly scenario: Scenario
  readonly baselineMs: number
  readonly faultMs: number
  readonly recoveryMs: number
  readonly perSecond: number
  readonly changesPerSecond: number
  readonly deadlineMs: number
  readonly seed: number
  /** Told how it goes, about once a second. */
  readonly progress: (text: string) => void
}

const PROGRESS_MS = 1_000
const READINESS_MS = 100
const READY_WITHIN_MS = 30_000
const SETTLED_WITHIN_MS = 10_000
const BATCH = 500

/** The load, and what it has told so far. */
class RunningLoad {
  readonly observations: Observation[] = []
  readonly changes: Change[] = []
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>

  constructor(load: DrillLoad) {
    const command = ['--import', 'tsx', 'test/drills/drill-load.ts', JSON.stringify(load)]
    this.#child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    const observed = (one: Observation) => void this.observations.push(one)
    const changed = (one: Change) => void this.changes.push(one)
    lines.on('line', (line) => readLoadLine(line, { observed, changed }))
    this.#closed = Promise.all([once(lines, 'close'), once(this.#child, 'exit')])
  }

  /** When the first get was due. */
  async began(): Promise<number> {
    while (this.observations.length === 0) {
      if (this.#child.exitCode !== null) throw new Error('the load ended before it began')
      await pause(systemClock, 10)
    }
    return (this.observations[0] as Observation).dueAt
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#child.stdin?.end()
    await this.#closed
  }
}

/** Baseline, fault, recovery: with real processes, which end with it. */
export async function runDrill(options: DrillOptions): Promise<DrillRecord> {
  options.progress('starting PostgreSQL, three shards and two sidecars')
  const world = await startDrillWorld()
  try {
    return await drillIn(world, options)
  } finally {
    await world.stop()
  }
}

async function drillIn(world: DrillWorld, options: DrillOptions): Promise<DrillRecord> {
  const { scenario, perSecond, changesPerSecond, deadlineMs, seed, progress } = options
  const watch = new DatabaseWatch(world.postgres)
  const load = new RunningLoad({
    targets: world.sidecars.map(({ grpc }) => grpc),
    keyspace: KEYSPACE,
    keys: KEYS,
    perSecond,
    deadlineMs,
    databaseUrl: world.postgres.url,
    changesPerSecond,
    seed,
  })
  const over = new AbortController()
  let phase = 'baseline'
  const telling = tellProgress(load, watch, over.signal, (text) => progress(`${phase.padEnd(8)} ${text}`))
  const beganAt = await load.began()
  await pause(systemClock, options.baselineMs)
  phase = 'fault'
  const faultAt = monotonicMs()
  const mend = await scenario.inflict(world)
  if (scenario.momentary !== true) await pause(systemClock, options.faultMs)
  await mend()
  const mendedAt = monotonicMs()
  phase = 'recovery'
  const [readyAfterMs] = await Promise.all([readyAfter(world, mendedAt), pause(systemClock, options.recoveryMs)])
  const endedAt = monotonicMs()
  over.abort()
  await Promise.all([load.stop(), telling])
  await watch.stop()
  progress('comparing what the sidecars answer with what the database says')
  const phases: Phases = { beganAt, faultAt, mendedAt, endedAt }
  const { observations, changes } = load
  const revisions = await readRevisions(world.postgres, KEYS)
  const last = await lastAnswers(world, changes, revisions)
  return {
    phases,
    deadlineMs,
    boundMs: BOUND_MS,
    observations,
    changes,
    gauges: watch.gauges,
    revisions,
    last,
    readyAfterMs,
  }
}

async function tellProgress(
  { observations }: RunningLoad,
  { gauges }: DatabaseWatch,
  over: AbortSignal,
  tell: (text: string) => void,
): Promise<void> {
  let seen = 0
  for (let second = 1; !over.aborted; second += 1) {
    await pause(systemClock, PROGRESS_MS, over)
    const fresh = observations.slice(seen)
    seen += fresh.length
    const failed = fresh.filter(({ code }) => code !== 0).length
    const hits = ((fresh.filter(isHit).length / Math.max(1, fresh.length)) * 100).toFixed(1)
    const p99 = quantile(ascending(fresh.map(({ tookMs }) => tookMs)), 0.99).toFixed(1)
    const database = `${gauges.at(-1)?.atOnce ?? 0} of ${ORIGIN_LIMIT} loads at once`
    const text = `${fresh.length} gets · ${hits} % hits · p99 ${p99} ms · ${failed} failed · ${database}`
    tell(`${String(second).padStart(3)} s  ${text}`)
  }
}

/** How long after that moment no sidecar had a reason to be unready any more. */
async function readyAfter({ sidecars }: DrillWorld, since: number): Promise<number | undefined> {
  while (monotonicMs() - since < READY_WITHIN_MS) {
    const pages = await Promise.all(sidecars.map((sidecar) => sidecar.readiness()))
    if (pages.every(({ body }) => body.reasons.length === 0)) return monotonicMs() - since
    await pause(systemClock, READINESS_MS)
  }
  return undefined
}

/** Nothing changes any more: after the bound every sidecar is to answer every changed row as it is. */
async function lastAnswers(
  { sidecars }: DrillWorld,
  changes: readonly Change[],
  revisions: ReadonlyMap<number, number>,
): Promise<LastAnswer[]> {
  await pause(systemClock, BOUND_MS)
  const keys = [...new Set(changes.map(({ key }) => key))]
  const giveUpAt = monotonicMs() + SETTLED_WITHIN_MS
  for (;;) {
    const last = (await Promise.all(sidecars.map(({ grpc }) => answersOf(grpc, keys)))).flat()
    // What failed or is marked as degraded may come later; what is plainly old is lost.
    const isOpen = last.some(({ key, revision }) => revision < 0 && revisions.has(key))
    if (!isOpen || monotonicMs() > giveUpAt) return last
    await pause(systemClock, READINESS_MS)
  }
}

async function answersOf(grpc: string, keys: readonly number[]): Promise<LastAnswer[]> {
  const client = new RingsideClient({ target: grpc })
  const answers: LastAnswer[] = []
  for (let from = 0; from < keys.length; from += BATCH) {
    const those = keys.slice(from, from + BATCH)
    const results = await client.batchGet(those.map((key) => ({ keyspace: KEYSPACE, key: String(key) })))
    for (const [index, result] of results.entries()) {
      const revision = result.ok ? revisionOf(result.answer) : -1
      answers.push({ sidecar: grpc, key: those[index] as number, revision })
    }
  }
  await client.close()
  return answers
}

function revisionOf({ value, degraded }: GetAnswer): number {
  const [, revision] = value.toString().match(/"revision": (\d+)\}$/) ?? []
  return degraded || revision === undefined ? -1 : Number(revision)
}
