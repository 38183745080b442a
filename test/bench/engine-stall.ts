import type { Sidecar } from '../support/sidecar.ts'
import { LOAD_CORE, runChild } from './child.ts'
import { type EngineRig, fill, MIB, OURS, PEER } from './engine-rig.ts'
import { nearHits } from './near-hits.ts'
import type { PacedLoad, PacedRun } from './paced-load.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'

const ROUNDS = 3
const STALL_BAR_MS = 20
const LARGE_BYTES = 4 * MIB
/** The timer by which Node.js watches its loop fires this often, and what it reports includes that. */
const WATCH_MS = 10
const LAG = 'nodejs_eventloop_lag_max_seconds'
/** Receive windows of the slow reader; without one the row is what the machine by itself makes of the measurement. */
const READERS = { 'large windows': 2 ** 30, '64 KiB windows': 65_535, 'no such reader': undefined }
const PROBE_BYTES = 100
const PROBE = { perSecond: 500, seconds: 6 }

interface Stalled {
  readonly loopMs: number
  readonly callMs: number
}

/** The longest delay of the sidecar's loop, and of other calls, while a reader takes a 4 MiB value in 64 KiB a 100 ms. */
export async function engineStall({ sidecars: [ours, peer] }: EngineRig) {
  const rows = [['4 MiB to a slow reader, best of three', 'loop stalled ms', 'longest other call ms']]
  let worst = 0
  for (const [engine, sidecar] of [
    [OURS, ours!],
    [PEER, peer!],
  ] as const) {
    await fill([sidecar], 'near', ['k0'], PROBE_BYTES)
    await nearHits(sidecar, 40, { valueBytes: LARGE_BYTES, inFlight: 1 })
    for (const [name, windowBytes] of Object.entries(READERS)) {
      const runs: Stalled[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        process.stderr.write(`engine: a slow reader on ${engine}, ${name}, round ${round + 1} of ${ROUNDS}\n`)
        runs.push(await stalled(sidecar, windowBytes))
      }
      const [loopMs, callMs] = [best(runs, (run) => run.loopMs), best(runs, (run) => run.callMs)]
      rows.push([`${engine}, ${name}`, loopMs.toFixed(1), callMs.toFixed(1)])
      if (engine === OURS && windowBytes !== undefined) worst = Math.max(worst, loopMs, callMs)
    }
  }
  const detail = `${worst.toFixed(1)} ms, at most ${STALL_BAR_MS}`
  return { text: table(rows), checks: [{ name: 'longest stall', passed: worst <= STALL_BAR_MS, detail }] }
}

const best = (runs: readonly Stalled[], of: (run: Stalled) => number): number => Math.min(...runs.map(of))

async function stalled(sidecar: Sidecar, windowBytes: number | undefined): Promise<Stalled> {
  const probe: PacedLoad = {
    address: sidecar.grpc,
    ...PROBE,
    warmUpSeconds: 1,
    connections: 1,
    keyspaces: [{ name: 'near', keys: 1, share: 1, skew: 0, valueBytes: PROBE_BYTES }],
  }
  // A scrape begins the next span of the loop's longest delay.
  await sidecar.metric(LAG)
  const [run] = await Promise.all([
    runChild(LOAD_CORE, tsx('paced-load.ts', JSON.stringify(probe))),
    windowBytes === undefined ? undefined : readSlowly(sidecar, windowBytes),
  ])
  const lagMs = (await sidecar.metric(LAG)) * 1_000
  return { loopMs: Math.max(0, lagMs - WATCH_MS), callMs: (JSON.parse(run) as PacedRun).maxMs }
}

async function readSlowly(sidecar: Sidecar, windowBytes: number): Promise<void> {
  const received = await runChild(LOAD_CORE, tsx('slow-reader.ts', sidecar.grpc, LARGE_BYTES, windowBytes))
  if (Number(received) < LARGE_BYTES) throw new Error(`the slow reader got ${received} bytes`)
}
