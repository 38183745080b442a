import { status } from '@grpc/grpc-js'
import { type DrillRecord, slicesBetween } from './drill-record.ts'
import { sumOf, total } from './load/slice.ts'
import { median } from './median.ts'
import { type Second, timelineOf } from './timeline.ts'

/** One promise, and whether it was kept. */
export interface Invariant {
  readonly name: string
  readonly passed: boolean
  /** The number that decided. */
  readonly seen: string
}

/** So many good seconds one after the other are no accident. */
const GOOD_SECONDS = 3
/** Near the baseline: what a second of a busy machine may differ from the typical one without a fault. */
const NEAR = { hitRatio: 0.95, p99: 3, p99FloorMs: 50, failures: 0.01 }

/** What must hold whatever happens, for however long. */
export function checkerInvariants(record: DrillRecord): Invariant[] {
  return [rightValues(record), freshEnough(record), withinLimit(record), nothingLost(record), allAlive(record)]
}

/** What a drill has shown of each promise. */
export function invariantsOf(record: DrillRecord): Invariant[] {
  return [...checkerInvariants(record), recovered(record, timelineOf(record)), ...answeringInvariants(record)]
}

/** That calls are answered in time, from the fault on. */
export function answeringInvariants(record: DrillRecord): Invariant[] {
  return [inTime(record), fewDeadlines(record)]
}

function rightValues({ slices, shown, revisions }: DrillRecord): Invariant {
  const answers = total(slices, ({ sources }) => sumOf(sources))
  const unheardOf = [...shown].filter(([key, revision]) => revision > (revisions.get(key) ?? 1)).length
  const wrong = total(slices, (slice) => slice.wrong) + unheardOf
  return { name: 'no wrong value', passed: wrong === 0 && answers > 0, seen: `${wrong} of ${answers} answers` }
}

function freshEnough({ slices, shape, changes }: DrillRecord): Invariant {
  const tooOld = total(slices, (slice) => slice.tooOld)
  return {
    name: `nothing staler than promised (${shape.boundMs / 1_000} s, unless marked as degraded)`,
    passed: tooOld === 0 && changes.length > 0,
    seen: `${tooOld} answers, with ${changes.length} rows changed`,
  }
}

function withinLimit({ gauges, shape }: DrillRecord): Invariant {
  const refusals = gauges.at(-1)?.refusals ?? Number.NaN
  const most = Math.max(0, ...gauges.map(({ atOnce }) => atOnce))
  return {
    name: `never more than ${shape.originLimit} loads at once, as the database counts`,
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

function allAlive({ deaths }: DrillRecord): Invariant {
  return { name: 'no sidecar has died', passed: deaths.length === 0, seen: deaths[0] ?? 'all run' }
}

function recovered(record: DrillRecord, seconds: readonly Second[]): Invariant {
  const { recoveryWithinMs, readyAfterMs, empties } = record
  const afterMs = recoveryMs(record, seconds)
  const ready = readyAfterMs === undefined ? 'never ready' : `ready after ${inSeconds(readyAfterMs)}`
  const isReady = (readyAfterMs ?? Number.POSITIVE_INFINITY) <= recoveryWithinMs
  return {
    name: `recovery without help within ${recoveryWithinMs / 1_000} s: hit ratio${empties ? ' (but for the first get of each key)' : ''} and p99 near the baseline`,
    passed: afterMs !== undefined && afterMs <= recoveryWithinMs && isReady,
    seen: `${afterMs === undefined ? 'not near the baseline again' : `after ${inSeconds(afterMs)}`}; ${ready}`,
  }
}

/** From the end of the fault to the first of some good seconds. */
function recoveryMs({ phases, empties }: DrillRecord, seconds: readonly Second[]): number | undefined {
  const startOf = (second: number) => phases.beganAt + second * 1_000
  const before = seconds.filter(({ second }) => startOf(second + 1) <= phases.faultAt)
  const after = seconds.filter(({ second }) => startOf(second) >= phases.mendedAt)
  const usualHits = median(before.map(({ hitRatio }) => hitRatio))
  const usualP99 = median(before.map(({ p99Ms }) => p99Ms))
  const isGood = ({ hitRatio, repeatHitRatio, p99Ms, failures, gets }: Second) =>
    (empties ? repeatHitRatio : hitRatio) >= usualHits * NEAR.hitRatio &&
    p99Ms <= Math.max(usualP99 * NEAR.p99, NEAR.p99FloorMs) &&
    sumOf(failures) <= gets * NEAR.failures
  const at = after.findIndex((_, index) => {
    const those = after.slice(index, index + GOOD_SECONDS)
    return those.length === GOOD_SECONDS && those.every(isGood)
  })
  const found = after[at]
  return found === undefined ? undefined : startOf(found.second) - phases.mendedAt
}

function inTime(record: DrillRecord): Invariant {
  const those = slicesBetween(record, record.phases.faultAt, Number.POSITIVE_INFINITY)
  const share = 1 - total(those, ({ late }) => late) / total(those, ({ gets }) => gets)
  return {
    name: `99 % of the gets end within half of their deadline (${record.deadlineMs / 2} ms), from the fault on`,
    passed: share >= 0.99,
    seen: `${(share * 100).toFixed(2)} %`,
  }
}

function fewDeadlines(record: DrillRecord): Invariant {
  const those = slicesBetween(record, record.phases.faultAt + 1_000, Number.POSITIVE_INFINITY)
  const gets = total(those, (slice) => slice.gets)
  const missed = total(those, ({ failures }) => failures[status.DEADLINE_EXCEEDED] ?? 0)
  return {
    name: 'at most 0.1 % DEADLINE_EXCEEDED after the first second of the fault',
    passed: missed <= gets * 0.001 && gets > 0,
    seen: `${missed} of ${gets}`,
  }
}

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
