import type { Sidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { LOAD_CORE, runChild } from './child.ts'
import { cpuMicros } from './cpu.ts'
import { fill, OURS, processOf, startEngines } from './engine-rig.ts'
import type { PacedLoad, PacedRun } from './paced-load.ts'
import { median, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'

const RATES = [50_000, 75_000, 100_000, 125_000, 150_000, 200_000]
const LEAST_RATE = 100_000
const ROUNDS = 5
/** The app beside a sidecar is one process, with a channel or two. */
const CONNECTIONS = 2
const P99_BAR_MS = 5
/** A rate counts as held when so much of it was answered. */
const HELD = 0.98
/** With less than that answered, higher rates can tell no more. */
const SATURATED = 0.8
/** Code is compiled for speed before the first rate that counts. */
const WARM_UP_RATE = 20_000
const WARM_UP_SECONDS = 1
const SECONDS = 4

const KEYSPACES = [
  { name: 'near', keys: 5_000, share: 0.95, skew: 0.99, valueBytes: VALUE_BYTES },
  // Alike: what is hot has gone near.
  { name: 'shard', keys: 5_000, share: 0.05, skew: 0, valueBytes: VALUE_BYTES },
]

interface Loaded extends PacedRun {
  /** How much of its core each took, from 0 to 1. */
  readonly sidecarCpu: number
  readonly redisCpu: number
  /** Near hits among the answers found. */
  readonly nearShare: number
}

/** Gets at fixed rates, 95 % of them near hits and the rest from three Redis servers, on two cores with all that it takes. */
export async function designLoadBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const rig = await startEngines(OURS)
  const rows = [
    [
      'Gets/s asked',
      'answered',
      'near %',
      'p50 ms',
      'p99 ms',
      'longest ms',
      'sidecar CPU %',
      'load %',
      'redis %',
      'failed',
      'held',
    ],
  ]
  let highest = 0
  try {
    const [sidecar] = rig.sidecars
    for (const { name, keys, valueBytes } of KEYSPACES) {
      await fill(
        rig.sidecars,
        name,
        Array.from({ length: keys }, (_, key) => `k${key}`),
        valueBytes,
      )
    }
    const servers = []
    for (const { client } of rig.redis) servers.push(processOf(await client.info('server')))
    await loaded(sidecar!, servers, WARM_UP_RATE)
    for (const perSecond of RATES) {
      const runs: Loaded[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        process.stderr.write(`design-load: ${perSecond} a second, round ${round + 1} of ${ROUNDS}\n`)
        runs.push(await loaded(sidecar!, servers, perSecond))
      }
      const isHeld = holds(runs, perSecond)
      if (isHeld) highest = perSecond
      rows.push(rowOf(perSecond, runs, isHeld))
      if (mid(runs, (run) => run.perSecond) < SATURATED * perSecond) break
    }
  } finally {
    await rig.stop()
  }
  const detail = `${highest} Gets a second with p99 below ${P99_BAR_MS} ms, at least ${LEAST_RATE}, aim ${RATES.at(-1)}`
  return { text: table(rows), checks: [{ name: 'design load', passed: highest >= LEAST_RATE, detail }] }
}

async function loaded(sidecar: Sidecar, servers: readonly number[], perSecond: number): Promise<Loaded> {
  const load: PacedLoad = {
    address: sidecar.grpc,
    perSecond,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds: SECONDS,
    connections: CONNECTIONS,
    keyspaces: KEYSPACES,
  }
  const counted = async () => ({ near: await found(sidecar, 'near', 'near'), all: await foundAll(sidecar) })
  const redisMicros = () => servers.reduce((sum, pid) => sum + cpuMicros(pid), 0)
  const [before, sidecarBefore, redisBefore] = [await counted(), cpuMicros(sidecar.pid), redisMicros()]
  const run = JSON.parse(await runChild(LOAD_CORE, tsx('paced-load.ts', JSON.stringify(load)))) as PacedRun
  const total = perSecond * (WARM_UP_SECONDS + SECONDS)
  const micros = (total / run.perSecond) * 1e6
  const [sidecarCpu, redisCpu] = [
    (cpuMicros(sidecar.pid) - sidecarBefore) / micros,
    (redisMicros() - redisBefore) / micros,
  ]
  const after = await counted()
  return { ...run, sidecarCpu, redisCpu, nearShare: (after.near - before.near) / (after.all - before.all) }
}

function found(sidecar: Sidecar, keyspace: string, source: string): Promise<number> {
  return sidecar.metric(
    `ringside_requests_total{keyspace="${keyspace}",method="Get",outcome="found",source="${source}"}`,
  )
}

async function foundAll(sidecar: Sidecar): Promise<number> {
  const parts = [found(sidecar, 'near', 'near'), found(sidecar, 'near', 'primary'), found(sidecar, 'shard', 'primary')]
  return (await Promise.all(parts)).reduce((sum, count) => sum + count, 0)
}

const mid = (runs: readonly Loaded[], of: (run: Loaded) => number): number => median(runs.map(of))

function holds(runs: readonly Loaded[], perSecond: number): boolean {
  const isQuick = mid(runs, (run) => run.p99Ms) < P99_BAR_MS
  return isQuick && mid(runs, (run) => run.perSecond) >= HELD * perSecond && runs.every(({ failed }) => failed === 0)
}

function rowOf(perSecond: number, runs: readonly Loaded[], isHeld: boolean): string[] {
  const text = (of: (run: Loaded) => number, digits = 0) => mid(runs, of).toFixed(digits)
  return [
    String(perSecond),
    text((run) => run.perSecond),
    text((run) => 100 * run.nearShare, 1),
    text((run) => run.p50Ms, 2),
    text((run) => run.p99Ms, 2),
    text((run) => run.maxMs, 1),
    text((run) => 100 * run.sidecarCpu),
    text((run) => 100 * run.cpuShare),
    text((run) => 100 * run.redisCpu),
    text((run) => run.failed),
    isHeld ? 'yes' : 'no',
  ]
}
