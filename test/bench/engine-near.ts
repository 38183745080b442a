import type { Check } from './check.ts'
import { type EngineRig, OURS, PEER } from './engine-rig.ts'
import { inTurns, midOf, type Paired, ratioOf } from './in-turns.ts'
import { countFor, type NearLoad, nearHits } from './near-hits.ts'
import { table } from './table.ts'
import type { Measured } from './with-cpu.ts'

const ROUNDS = 6
const SECONDS = 0.6

interface Case extends NearLoad {
  readonly connections: number
  /** Least throughput, as a multiple of the peer's. */
  readonly leastThroughput?: number
  /** Most mean latency, as a share of the peer's. */
  readonly mostLatency?: number
}

const DEFAULT_WINDOW = 16

const cases: readonly Case[] = [
  { valueBytes: 2_048, connections: 4, inFlight: 1, mostLatency: 0.25 },
  { valueBytes: 2_048, connections: 4, inFlight: 10, leastThroughput: 6 },
  { valueBytes: 2_048, connections: 4, inFlight: 100, leastThroughput: 8 },
  { valueBytes: 2_048, connections: 1, inFlight: 10 },
  { valueBytes: 2_048, connections: 64, inFlight: 10 },
  { valueBytes: 100, connections: 4, inFlight: 10 },
  { valueBytes: 64 << 10, connections: 4, inFlight: 10 },
  { valueBytes: 100, connections: 4, inFlight: 10, windowBits: DEFAULT_WINDOW },
  { valueBytes: 2_048, connections: 4, inFlight: 10, windowBits: DEFAULT_WINDOW },
  { valueBytes: 2_048, connections: 4, inFlight: 100, windowBits: DEFAULT_WINDOW },
  { valueBytes: 64 << 10, connections: 4, inFlight: 10, windowBits: DEFAULT_WINDOW },
]

const sizeOf = (bytes: number): string => (bytes < 1_024 ? `${bytes} B` : `${bytes / 1_024} KB`)
const throughput = (run: Measured): number => run.perSecond
const latency = (run: Measured): number => run.meanMs * 1_000
const cpu = (run: Measured): number => run.cpuPerRequest

/** Near hits on both engines: by requests in flight, connections, sizes of values and windows. */
export async function engineNear({ sidecars: [ours, peer] }: EngineRig) {
  const headings = ['near hit', 'windows', 'connections', 'in flight on each', `${OURS} /s`, `${PEER} /s`, 'ratio']
  const rows = [[...headings, 'mean µs', 'peer µs', 'ratio', 'CPU µs', 'peer CPU µs']]
  const checks: Check[] = []
  for (const one of cases) {
    const [ourCount, peerCount] = [await countFor(SECONDS, ours!, one), await countFor(SECONDS, peer!, one)]
    const paired = await inTurns(`engine: ${nameOf(one)}`, ROUNDS, () => [
      () => nearHits(ours!, ourCount, one),
      () => nearHits(peer!, peerCount, one),
    ])
    rows.push(rowOf(one, paired))
    checks.push(...checksOf(one, paired))
  }
  return { text: table(rows), checks }
}

function nameOf({ valueBytes, connections, inFlight, windowBits }: Case): string {
  const windows = windowBits === undefined ? '' : ', default windows'
  return `near hits of ${sizeOf(valueBytes)}, ${connections} x ${inFlight} in flight${windows}`
}

function rowOf({ valueBytes, connections, inFlight, windowBits }: Case, paired: Paired<Measured>): string[] {
  const { ours, peers } = paired
  return [
    sizeOf(valueBytes),
    windowBits === undefined ? 'large' : '64 KiB',
    String(connections),
    String(inFlight),
    midOf(ours, throughput),
    midOf(peers, throughput),
    ratioOf(paired, throughput).toFixed(2),
    midOf(ours, latency),
    midOf(peers, latency),
    ratioOf(paired, latency).toFixed(2),
    midOf(ours, cpu, 1),
    midOf(peers, cpu, 1),
  ]
}

function checksOf(one: Case, paired: Paired<Measured>): Check[] {
  const checks: Check[] = []
  if (one.leastThroughput !== undefined) {
    const ratio = ratioOf(paired, throughput)
    const detail = `${ratio.toFixed(2)} of ${PEER} a second, at least ${one.leastThroughput}`
    checks.push({ name: nameOf(one), passed: ratio >= one.leastThroughput, detail })
  }
  if (one.mostLatency !== undefined) {
    const ratio = ratioOf(paired, latency)
    const detail = `mean latency ${ratio.toFixed(2)} of ${PEER}, at most ${one.mostLatency}`
    checks.push({ name: nameOf(one), passed: ratio <= one.mostLatency, detail })
  }
  return checks
}
