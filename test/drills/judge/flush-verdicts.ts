import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import { hits, SLICE_MS, type Slice, total } from '../load/slice.ts'

const LEAST_USED = 0.8
const BACK_AT = 0.9
const TIMES_IDEAL = 1.5
/** The hit ratio is looked at in windows of so many slices, and so many of them in a row are no accident. */
const WINDOW_SLICES = 5
const GOOD_WINDOWS = 4

export interface Refill {
  /** From the fault until the hit ratio is back; `undefined` = it never was. */
  readonly tookMs: number | undefined
  /** Keys that were asked for meanwhile, each counted once. */
  readonly distinctKeys: number
  /** What the database could have loaded them in, with all places taken by full loads. */
  readonly idealMs: number
  /** Share of the places that was taken meanwhile, on average. */
  readonly used: number
  readonly baselineHits: number
}

export function refillOf(record: DrillRecord): Refill {
  const { phases, shape, gauges } = record
  const baselineHits = hitRatio(slicesBetween(record, phases.beganAt, phases.faultAt))
  const tookMs = backAfterMs(record, baselineHits * BACK_AT)
  const until = phases.faultAt + (tookMs ?? phases.endedAt - phases.faultAt)
  const meanwhile = gauges.filter(({ at }) => at >= phases.faultAt && at <= until)
  const taken = meanwhile.reduce((sum, { atOnce }) => sum + atOnce, 0) / Math.max(1, meanwhile.length)
  const distinctKeys = total(slicesBetween(record, phases.faultAt, until), ({ first }) => first)
  return {
    tookMs,
    distinctKeys,
    idealMs: (distinctKeys * shape.loadMs) / (shape.originLimit * shape.batch),
    used: taken / shape.originLimit,
    baselineHits,
  }
}

/** The first of some good windows in a row, as the time that had passed when it began. */
function backAfterMs(record: DrillRecord, least: number): number | undefined {
  const { faultAt, endedAt, beganAt } = record.phases
  const first = Math.ceil((faultAt - beganAt) / SLICE_MS)
  const groups = new Map<number, Slice[]>()
  for (const slice of slicesBetween(record, faultAt, endedAt)) {
    const window = Math.floor((slice.slice - first) / WINDOW_SLICES)
    groups.set(window, [...(groups.get(window) ?? []), slice])
  }
  const windows = Math.floor((endedAt - faultAt) / (SLICE_MS * WINDOW_SLICES))
  const isGood = (window: number) => hitRatio(groups.get(window) ?? []) >= least
  for (let window = 0; window + GOOD_WINDOWS <= windows; window += 1)
    if (Array.from({ length: GOOD_WINDOWS }, (_, next) => window + next).every(isGood))
      return window * WINDOW_SLICES * SLICE_MS
  return undefined
}

const hitRatio = (slices: readonly Slice[]): number =>
  total(slices, hits) /
  Math.max(
    1,
    total(slices, ({ gets }) => gets),
  )

export function refillVerdicts({ gauges }: DrillRecord, refill: Refill): Invariant[] {
  const { tookMs, distinctKeys, idealMs, used, baselineHits } = refill
  const refusals = gauges.at(-1)?.refusals ?? Number.NaN
  const took = tookMs === undefined ? 'never' : `after ${(tookMs / 1_000).toFixed(1)} s`
  return [
    { name: 'no load found all places taken (zero raises)', passed: refusals === 0, seen: `${refusals} raises` },
    {
      name: `at least ${LEAST_USED * 100} % of the places are taken while the caches are refilled`,
      passed: used >= LEAST_USED,
      seen: `${(used * 100).toFixed(1)} % on average`,
    },
    {
      name: `hit ratio back to ${BACK_AT * 100} % of that before in at most ${TIMES_IDEAL} times (distinct keys) / (limit × batch / query time)`,
      passed: tookMs !== undefined && tookMs <= idealMs * TIMES_IDEAL,
      seen: `${took}, of ${((idealMs * TIMES_IDEAL) / 1_000).toFixed(1)} s for ${distinctKeys} keys; before it was ${(baselineHits * 100).toFixed(1)} %`,
    },
  ]
}
