import type { Check } from './check.ts'
import { residentBytes } from './cpu.ts'
import { OURS, startEngines } from './engine-rig.ts'
import { nearHits } from './near-hits.ts'
import { median, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'

const REQUESTS = 10_000_000
const ROUNDS = 40
const QUARTER = ROUNDS / 4
/** Most that the resident set may have grown from the second quarter of the run to the last. */
const GROWTH_BAR = 0.05

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** Memory of the sidecar over ten million near hits, on connections that are made anew for each of forty rounds. */
export async function engineLongBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const rig = await startEngines(OURS)
  const [sidecar] = rig.sidecars
  const samples: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      process.stderr.write(`engine-long: round ${round + 1} of ${ROUNDS}, ${mb(residentBytes(sidecar!.pid))} MB\n`)
      await nearHits(sidecar!, REQUESTS / ROUNDS, { valueBytes: VALUE_BYTES, connections: 4, inFlight: 100 })
      samples.push(residentBytes(sidecar!.pid))
    }
  } finally {
    await rig.stop()
  }
  const quarters = [0, 1, 2, 3].map((quarter) => median(samples.slice(quarter * QUARTER, (quarter + 1) * QUARTER)))
  const growth = quarters[3]! / quarters[1]! - 1
  const rows = [
    ['RSS in MB, by quarters of 10 million near hits', 'first', 'second', 'third', 'last', 'most'],
    [OURS, ...quarters.map(mb), mb(Math.max(...samples))],
  ]
  const detail = `${(100 * growth).toFixed(1)} % from the second quarter to the last, at most ${100 * GROWTH_BAR}`
  return { text: table(rows), checks: [{ name: 'memory over 10 million', passed: growth <= GROWTH_BAR, detail }] }
}
