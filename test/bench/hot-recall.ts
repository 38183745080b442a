import { Heat } from '../../src/hotkey/heat.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import type { Trace } from './hit-ratio-trace.ts'

/** How much of a trace a sidecar sees in the ten seconds in which what it counts falls to a quarter. */
const WINDOW_MS = 10_000
const STEPS = 10
const RANK = 100

export interface Recall {
  /** Of the window in which the hundred hottest keys take the largest share of all requests, 0..1. */
  readonly atPeak: number
  /** That share. */
  readonly peakShare: number
  /** In the mean of all windows. */
  readonly mean: number
  readonly windows: number
}

/**
 * Of the keys that were requested at least as often as the hundredth in a window of so many requests, the share that a
 * sidecar knows by name at its end, having seen the trace up to there. Ties count: they may be several hundred.
 */
export function recallOf(trace: Trace, windowRequests: number): Recall {
  let now = 0
  const heat = new Heat({ now: () => now }, new SeededChance(1))
  const keys = Array.from({ length: trace.distinct }, (_, id) => `prod:product:v3::${id}`)
  const windows = Math.floor(trace.ids.length / windowRequests)
  let [peak, sum] = [{ share: 0, recall: 0 }, 0]
  for (let window = 0; window < windows; window += 1) {
    const ids = trace.ids.subarray(window * windowRequests, (window + 1) * windowRequests)
    for (let step = 0; step < STEPS; step += 1) {
      const [from, to] = [(step * ids.length) / STEPS, ((step + 1) * ids.length) / STEPS]
      for (const id of ids.subarray(from, to)) heat.read(keys[id] as string)
      now += WINDOW_MS / STEPS
      heat.tell('shard', () => true)
    }
    const known = new Set(heat.hottest(Number.POSITIVE_INFINITY).map(({ key }) => key))
    const { hottest, share } = hottestOf(ids)
    const recall = hottest.filter((id) => known.has(keys[id] as string)).length / hottest.length
    sum += recall
    if (share > peak.share) peak = { share, recall }
  }
  return { atPeak: peak.recall, peakShare: peak.share, mean: sum / windows, windows }
}

/** The keys with at least as many requests as the hundredth, and the share of all requests that the first hundred have. */
function hottestOf(ids: Uint32Array): { readonly hottest: readonly number[]; readonly share: number } {
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  const ranked = [...counts].sort(([, a], [, b]) => b - a)
  const [, least] = ranked[Math.min(RANK, ranked.length) - 1] ?? [0, 0]
  const share = ranked.slice(0, RANK).reduce((sum, [, count]) => sum + count, 0) / ids.length
  return { hottest: ranked.filter(([, count]) => count >= least).map(([id]) => id), share }
}
