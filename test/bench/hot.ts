import type { Sidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { LOAD_CORE, runChild, SERVER_CORE } from './child.ts'
import { cpuMicros } from './cpu.ts'
import { fill, OURS, startEngines } from './engine-rig.ts'
import { readTrace, TRACES } from './hit-ratio-trace.ts'
import type { Counting } from './hot-counting.ts'
import { recallOf } from './hot-recall.ts'
import { inTurns, midOf, ratioOf } from './in-turns.ts'
import type { PacedLoad } from './paced-load.ts'
import { median, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'

const ROUNDS = 4
/** The more there are, the more come in one read, and the less does each cost. */
const RATES = [50_000, 100_000, 200_000]
const SECONDS = 2
const KEYSPACE = { name: 'near', keys: 5_000, share: 1, skew: 0.99, valueBytes: VALUE_BYTES }
const READS = { hot: 'one hot key', trace: 'keys of orm-busy', alike: '76,000 keys, all alike' } as const
const WINDOWS = [10_000, 20_000, 50_000]

const SHARE_BAR = 0.05
const RECALL_BAR = 0.95

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** What finding hot keys costs a near hit, and how many of them are found. */
export async function hotBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const [cost, recall] = [await costOfCounting(), await recallOnTraces()]
  return { text: `${cost.text}\n\n${recall.text}`, checks: [...cost.checks, ...recall.checks] }
}

const counting = async (): Promise<Counting> => JSON.parse(await runChild(SERVER_CORE, tsx('hot-counting.ts')))

/** CPU time of a sidecar for a near hit. */
async function nearHitNs(sidecar: Sidecar, perSecond: number): Promise<number> {
  const load: PacedLoad = {
    address: sidecar.grpc,
    perSecond,
    warmUpSeconds: 0,
    seconds: SECONDS,
    connections: 2,
    keyspaces: [KEYSPACE],
  }
  const hits = () =>
    sidecar.metric('ringside_requests_total{keyspace="near",method="Get",outcome="found",source="near"}')
  const [hitsBefore, before] = [await hits(), cpuMicros(sidecar.pid)]
  await runChild(LOAD_CORE, tsx('paced-load.ts', JSON.stringify(load)))
  const micros = cpuMicros(sidecar.pid) - before
  const count = (await hits()) - hitsBefore
  if (count < 0.99 * perSecond * SECONDS) throw new Error(`only ${count} were near hits`)
  return (micros * 1_000) / count
}

/** Counting by itself, in turns with the CPU time of whole near hits of a sidecar on the same core. */
async function costOfCounting() {
  const rig = await startEngines(OURS)
  try {
    const rows = [['counting of', 'near hits', 'ns', 'near hit ns', 'share']]
    const checks: Check[] = []
    const tellUs: number[] = []
    const keys = Array.from({ length: KEYSPACE.keys }, (_, key) => `k${key}`)
    await fill(rig.sidecars, KEYSPACE.name, keys, KEYSPACE.valueBytes)
    const sidecar = rig.sidecars[0]!
    await nearHitNs(sidecar, RATES[0]!)
    for (const perSecond of RATES) {
      const name = `${perSecond} a second`
      const paired = await inTurns(`hot: ${name}`, ROUNDS, () => [
        counting,
        async () => {
          const ns = await nearHitNs(sidecar, perSecond)
          return { hot: ns, trace: ns, alike: ns, tellUs: Number.NaN }
        },
      ])
      tellUs.push(...paired.ours.map((one) => one.tellUs))
      for (const [reads, what] of Object.entries(READS) as [keyof typeof READS, string][]) {
        const share = ratioOf(paired, (one) => one[reads])
        rows.push([
          what,
          name,
          ...[paired.ours, paired.peers].map((side) => midOf(side, (one) => one[reads])),
          percent(share),
        ])
        if (reads !== 'alike') checks.push(costCheck(`${what}, ${name}`, share))
      }
    }
    return { text: `${table(rows)}\n\nTelling a shard: ${median(tellUs).toFixed(0)} µs a heartbeat`, checks }
  } finally {
    await rig.stop()
  }
}

function costCheck(what: string, share: number): Check {
  const detail = `${percent(share)} of a near hit, at most ${percent(SHARE_BAR)}`
  return { name: `counting reads of ${what}`, passed: share <= SHARE_BAR, detail }
}

async function recallOnTraces() {
  const rows = [['trace', 'window', 'windows', 'top 100 at peak', 'recall at peak', 'in the mean']]
  const checks: Check[] = []
  for (const name of TRACES) {
    process.stderr.write(`hot: recall on ${name}\n`)
    const trace = await readTrace(name)
    for (const window of WINDOWS) {
      const { atPeak, peakShare, mean, windows } = recallOf(trace, window)
      rows.push([name, String(window), String(windows), percent(peakShare), atPeak.toFixed(3), mean.toFixed(3)])
      const detail = `${atPeak.toFixed(3)}, at least ${RECALL_BAR}`
      checks.push({ name: `recall on ${name}, ${window} requests`, passed: atPeak >= RECALL_BAR, detail })
    }
  }
  return { text: table(rows), checks }
}
