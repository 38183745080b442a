import { status } from '@grpc/grpc-js'
import type { DrillRecord } from './drill-record.ts'
import type { Observation } from './observation.ts'
import { ascending, quantile } from './quantile.ts'
import { Revisions } from './revisions.ts'

/** One second of a drill. */
export interface Second {
  /** Its number, from 0. */
  readonly second: number
  readonly gets: number
  /** Share of the gets that were answered by a cache. */
  readonly hitRatio: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Failures by the names of their statuses. */
  readonly failures: ReadonlyMap<string, number>
  /** Answers older than the row in the database, whatever the contract allows. */
  readonly older: number
  readonly degraded: number
  readonly lagP99Ms: number
  /** As the database counts; `undefined` while it does not answer. */
  readonly loadsPerSecond: number | undefined
  readonly loadsAtOnce: number | undefined
}

export const isHit = ({ code, source }: Observation): boolean => code === 0 && source !== 'origin'

/** The seconds of a drill, whole ones only. A get belongs to the second in which it was due. */
export function timelineOf(record: DrillRecord): Second[] {
  const { beganAt, endedAt } = record.phases
  const seconds = Math.floor((endedAt - beganAt) / 1_000)
  const groups: Observation[][] = Array.from({ length: seconds }, () => [])
  for (const one of record.observations) groups[Math.floor((one.dueAt - beganAt) / 1_000)]?.push(one)
  const revisions = new Revisions(record.changes)
  return groups.map((group, second) => ({
    second,
    ...secondOf(group, revisions),
    ...databaseIn(record, beganAt + second * 1_000),
  }))
}

function secondOf(group: readonly Observation[], revisions: Revisions) {
  const tookMs = ascending(group.map((one) => one.tookMs))
  const failures = new Map<string, number>()
  for (const { code } of group) {
    const name = status[code] ?? String(code)
    if (code !== 0) failures.set(name, (failures.get(name) ?? 0) + 1)
  }
  const answers = group.filter(({ code }) => code === 0)
  const isOlder = ({ key, dueAt, lagMs, shownRevision }: Observation) =>
    shownRevision < revisions.committedBy(key, dueAt + lagMs)
  return {
    gets: group.length,
    hitRatio: group.filter(isHit).length / Math.max(1, group.length),
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    p999Ms: quantile(tookMs, 0.999),
    failures,
    older: answers.filter(isOlder).length,
    degraded: answers.filter(({ degraded }) => degraded).length,
    lagP99Ms: quantile(ascending(group.map(({ lagMs }) => lagMs)), 0.99),
  }
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
