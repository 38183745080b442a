import type { HeatCandidate, HeatReport } from '../heat.ts'
import type { KeyHeat } from './heat-loop.ts'

/** For so long the smallest number of copies counts that any sidecar allows. */
const MOST_HOLDS_MS = 8_000
const COLD = { reads: 0, shardReads: 0, writes: 0, copies: 0, sinceMs: 0, lowMs: 0, wroteMs: 0 }

/** What is known of each key, brought to the present, with what was told of it since. `left`: of the sums, after the time that has passed. */
export function addUp(
  keys: ReadonlyMap<string, KeyHeat>,
  told: readonly HeatReport[],
  left: number,
  nowMs: number,
): Map<string, KeyHeat> {
  const sums = summed(told)
  const added = new Map([...keys].map(([key, one]) => [key, settled(one, left, nowMs)] as const))
  for (const [key, { most, reads, shardReads, writes }] of sums) {
    const one = added.get(key) ?? { ...COLD, most, mostAtMs: nowMs }
    added.set(key, one)
    one.reads += reads
    one.shardReads += shardReads
    one.writes += writes
    if (most > one.most && nowMs - one.mostAtMs < MOST_HOLDS_MS) continue
    one.most = most
    one.mostAtMs = nowMs
  }
  return added
}

function summed(told: readonly HeatReport[]): ReadonlyMap<string, HeatCandidate> {
  const sums = new Map<string, HeatCandidate>()
  for (const one of told.flatMap(({ candidates }) => candidates)) {
    const { key } = one
    const before = sums.get(key) ?? { key, reads: 0, shardReads: 0, writes: 0, most: one.most }
    sums.set(key, {
      key,
      reads: before.reads + one.reads,
      shardReads: before.shardReads + one.shardReads,
      writes: before.writes + one.writes,
      most: Math.min(before.most, one.most),
    })
  }
  return sums
}

/** Moments that are still to come, where the clock was set back, are now. */
function settled(one: KeyHeat, left: number, nowMs: number): KeyHeat {
  return {
    reads: one.reads * left,
    shardReads: one.shardReads * left,
    writes: one.writes * left,
    most: one.most,
    mostAtMs: Math.min(one.mostAtMs, nowMs),
    copies: one.copies,
    sinceMs: Math.min(one.sinceMs, nowMs),
    lowMs: Math.min(one.lowMs, nowMs),
    wroteMs: Math.min(one.wroteMs, nowMs),
  }
}
