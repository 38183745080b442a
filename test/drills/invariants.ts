import { status } from '@grpc/grpc-js'
import { ORIGIN_LIMIT } from './drill-database.ts'
import type { DrillRecord } from './drill-record.ts'
import type { Observation } from './observation.ts'
import { Revisions } from './revisions.ts'
import { type Second, timelineOf } from './timeline.ts'

/** One promise, and whether it was kept. */
export interface Invariant {
  readonly name: string
  readonly passed: boolean
  /** The number that decided. */
  readonly seen: string
}

const RECOVERY_MS = 10_000
/** So many good seconds one after the other are no accident. */
const GOOD_SECONDS = 3
/** Near the baseline: what a second of a busy machine may differ from the typical one without a fault. */
const NEAR = { hitRatio: 0.95, p99: 3, p99FloorMs: 50, failures: 0.01 }
/** Two processes read the same clock, but not at the moment of the event itself. */
const TOLERANCE_MS = 5

/** What a drill has shown of each promise. */
export function invariantsOf(record: DrillRecord): Invariant[] {
  const revisions = new Revisions(record.changes)
  return [
    rightValues(record),
    freshEnough(record, revisions),
    withinLimit(record),
    nothingLost(record),
    recovered(record, timelineOf(record)),
    inTime(record),
    fewDeadlines(record),
  ]
}

/** The value is that of another row, of none, or of a revision that the database never had. */
export const isWrong = (
  { code, key, shownId, shownRevision }: Observation,
  revisions: ReadonlyMap<number, number>,
): boolean => code === 0 && (shownId !== key || shownRevision < 1 || shownRevision > (revisions.get(key) ?? Number.NaN))

/** Older than promised, and not marked as degraded. */
export const isTooOld = (one: Observation, revisions: Revisions, boundMs: number): boolean =>
  one.code === 0 &&
  !one.degraded &&
  one.shownRevision < revisions.invalidatedBy(one.key, one.dueAt + one.lagMs - boundMs - TOLERANCE_MS)

function rightValues({ observations, revisions }: DrillRecord): Invariant {
  const answers = observations.filter(({ code }) => code === 0).length
  const wrong = observations.filter((one) => isWrong(one, revisions)).length
  return { name: 'no wrong value', passed: wrong === 0 && answers > 0, seen: `${wrong} of ${answers} answers` }
}

function freshEnough({ observations, boundMs }: DrillRecord, revisions: Revisions): Invariant {
  const tooOld = observations.filter((one) => isTooOld(one, revisions, boundMs)).length
  return {
    name: `nothing staler than promised (${boundMs / 1_000} s, unless marked as degraded)`,
    passed: tooOld === 0 && revisions.changes.length > 0,
    seen: `${tooOld} answers, with ${revisions.changes.length} rows changed`,
  }
}

function withinLimit({ gauges }: DrillRecord): Invariant {
  const refusals = gauges.at(-1)?.refusals ?? Number.NaN
  const most = Math.max(0, ...gauges.map(({ atOnce }) => atOnce))
  return {
    name: `never more than ${ORIGIN_LIMIT} loads at once, as the database counts`,
    passed: refusals === 0,
    seen: `${refusals} above the limit, at most ${most} seen at once`,
  }
}

function nothingLost({ last, revisions, changes }: DrillRecord): Invariant {
  const lost = last.filter(({ key, revision }) => revision !== revisions.get(key)).length
  const deferred = changes.filter((change) => change.deferred).length
  return {
    name: 'no invalidation lost',
    passed: lost === 0 && last.length > 0,
    seen: `${lost} of ${last.length} last answers are old; ${deferred} invalidations had been deferred`,
  }
}

function recovered(record: DrillRecord, seconds: readonly Second[]): Invariant {
  const afterMs = recoveryMs(record, seconds)
  const ready = record.readyAfterMs === undefined ? 'never ready' : `ready after ${inSeconds(record.readyAfterMs)}`
  const isReady = (record.readyAfterMs ?? Number.POSITIVE_INFINITY) <= RECOVERY_MS
  return {
    name: `recovery without help within ${RECOVERY_MS / 1_000} s: hit ratio and p99 near the baseline`,
    passed: afterMs !== undefined && afterMs <= RECOVERY_MS && isReady,
    seen: `${afterMs === undefined ? 'not near the baseline again' : `after ${inSeconds(afterMs)}`}; ${ready}`,
  }
}

/** From the end of the fault to the first of some good seconds. */
function recoveryMs({ phases }: DrillRecord, seconds: readonly Second[]): number | undefined {
  const startOf = (second: number) => phases.beganAt + second * 1_000
  const before = seconds.filter(({ second }) => startOf(second + 1) <= phases.faultAt)
  const after = seconds.filter(({ second }) => startOf(second) >= phases.mendedAt)
  const usualHits = median(before.map(({ hitRatio }) => hitRatio))
  const usualP99 = median(before.map(({ p99Ms }) => p99Ms))
  const isGood = ({ hitRatio, p99Ms, failures, gets }: Second) =>
    hitRatio >= usualHits * NEAR.hitRatio &&
    p99Ms <= Math.max(usualP99 * NEAR.p99, NEAR.p99FloorMs) &&
    [...failures.values()].reduce((sum, one) => sum + one, 0) <= gets * NEAR.failures
  const at = after.findIndex((_, index) => {
    const those = after.slice(index, index + GOOD_SECONDS)
    return those.length === GOOD_SECONDS && those.every(isGood)
  })
  const found = after[at]
  return found === undefined ? undefined : startOf(found.second) - phases.mendedAt
}

function inTime({ observations, phases, deadlineMs }: DrillRecord): Invariant {
  const those = observations.filter(({ dueAt }) => dueAt >= phases.faultAt)
  const share = those.filter(({ tookMs }) => tookMs <= deadlineMs / 2).length / those.length
  return {
    name: `99 % of the gets end within half of their deadline (${deadlineMs / 2} ms), from the fault on`,
    passed: share >= 0.99,
    seen: `${(share * 100).toFixed(2)} %`,
  }
}

function fewDeadlines({ observations, phases }: DrillRecord): Invariant {
  const those = observations.filter(({ dueAt }) => dueAt >= phases.faultAt + 1_000)
  const missed = those.filter(({ code }) => code === status.DEADLINE_EXCEEDED).length
  return {
    name: 'at most 0.1 % DEADLINE_EXCEEDED after the first second of the fault',
    passed: missed <= those.length * 0.001 && those.length > 0,
    seen: `${missed} of ${those.length}`,
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
