import { status } from '@grpc/grpc-js'
import type { DrillRecord } from './drill-record.ts'
import { LatencyHistogram } from './load/latency-histogram.ts'
import { hits, SLICE_MS, type Slice, together, total } from './load/slice.ts'

/** What became of the gets of some slices. */
export interface Summary {
  readonly gets: number
  /** Share of the gets that were answered by a cache. */
  readonly hitRatio: number
  /** The same without the misses of keys that were asked for the first time since the last mark. */
  readonly repeatHitRatio: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Answers by where they came from. */
  readonly sources: Readonly<Record<string, number>>
  /** Failures by the names of their statuses. */
  readonly failures: Readonly<Record<string, number>>
  /** Answers older than the row in the database, whatever the contract allows. */
  readonly older: number
  readonly degraded: number
  readonly lagP99Ms: number
  readonly lagMostMs: number
}

/** One second of a drill. */
export interface Second extends Summary {
  /** Its number, from 0. */
  readonly second: number
  /** As the database counts; `undefined` while it does not answer. */
  readonly loadsPerSecond: number | undefined
  readonly loadsAtOnce: number | undefined
}

export function summaryOf(slices: readonly Slice[]): Summary {
  const gets = total(slices, (slice) => slice.gets)
  const took = LatencyHistogram.of(slices.map((slice) => slice.took))
  const lag = LatencyHistogram.of(slices.map((slice) => slice.lag))
  const codes = Object.entries(together(slices.map(({ failures }) => failures)))
  return {
    gets,
    hitRatio: total(slices, hits) / Math.max(1, gets),
    repeatHitRatio: repeated(slices, gets),
    p50Ms: took.quantile(0.5),
    p99Ms: took.quantile(0.99),
    p999Ms: took.quantile(0.999),
    sources: together(slices.map(({ sources }) => sources)),
    failures: Object.fromEntries(codes.map(([code, count]) => [status[Number(code)] ?? code, count])),
    older: total(slices, ({ older }) => older),
    degraded: total(slices, ({ degraded }) => degraded),
    lagP99Ms: lag.quantile(0.99),
    lagMostMs: lag.quantile(1),
  }
}

function repeated(slices: readonly Slice[], gets: number): number {
  const repeats = gets - total(slices, ({ firstMisses }) => firstMisses)
  if (gets === 0) return 0
  return repeats === 0 ? 1 : total(slices, hits) / repeats
}

/** The seconds of a drill, whole ones only. A get belongs to the second in which it was due. */
export function timelineOf(record: DrillRecord): Second[] {
  const { beganAt, endedAt } = record.phases
  const groups: Slice[][] = Array.from({ length: Math.floor((endedAt - beganAt) / 1_000) }, () => [])
  for (const slice of record.slices) groups[Math.floor((slice.slice * SLICE_MS) / 1_000)]?.push(slice)
  return groups.map((group, second) => ({
    second,
    ...summaryOf(group),
    ...databaseIn(record, beganAt + second * 1_000),
  }))
}

function databaseIn({ gauges }: DrillRecord, from: number) {
  const those = gauges.filter(({ at }) => at >= from && at < from + 1_000)
  const [first, last] = [those[0], those.at(-1)]
  if (first === undefined || last === undefined || first === last)
    return { loadsPerSecond: undefined, loadsAtOnce: undefined }
  return {
    loadsPerSecond: ((last.loads - first.loads) * 1_000) / (last.at - first.at),
    loadsAtOnce: Math.max(...those.map(({ atOnce }) => atOnce)),
  }
}
