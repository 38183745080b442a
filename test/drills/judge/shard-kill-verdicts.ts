import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import { type Invariant, invariantsOf } from '../invariants.ts'
import { sumOf } from '../load/slice.ts'
import { median } from '../median.ts'
import { type Summary, summaryOf } from '../timeline.ts'

const LEAST_SUCCESS = 0.999
const TIMES_BASELINE = 3
const P99_FLOOR_MS = 25

/** What several runs of one drill have shown of its promises; one broken once is broken. */
export function invariantsOfAll(records: readonly DrillRecord[]): Invariant[] {
  const all = records.map(invariantsOf)
  return (all[0] ?? []).map(({ name }, index) => {
    const runs = all.map((invariants) => invariants[index] as Invariant)
    const broken = runs.filter(({ passed }) => !passed)
    const seen =
      broken.length === 0
        ? `in all runs; in the last: ${runs.at(-1)?.seen}`
        : `broken in ${broken.length} of ${runs.length}: ${broken[0]?.seen}`
    return { name, passed: broken.length === 0, seen }
  })
}

export interface KillRun {
  readonly baseline: Summary
  readonly fault: Summary
  /** Share of the gets during the fault that were answered. */
  readonly success: number
  /** What p99 may be during the fault. */
  readonly allowedMs: number
}

export function killRunOf(record: DrillRecord): KillRun {
  const { beganAt, faultAt, mendedAt } = record.phases
  const baseline = summaryOf(slicesBetween(record, beganAt, faultAt))
  const fault = summaryOf(slicesBetween(record, faultAt, mendedAt))
  return {
    baseline,
    fault,
    success: sumOf(fault.sources) / Math.max(1, fault.gets),
    allowedMs: Math.max(TIMES_BASELINE * baseline.p99Ms, P99_FLOOR_MS),
  }
}

/** Success in every run; latency by the median of what each run used of what it was allowed. */
export function killVerdicts(runs: readonly KillRun[]): Invariant[] {
  const worst = Math.min(...runs.map(({ success }) => success))
  const used = median(runs.map(({ fault, allowedMs }) => fault.p99Ms / allowedMs))
  const shown = runs.map(({ fault, allowedMs }) => `${fault.p99Ms.toFixed(1)} of ${allowedMs.toFixed(1)} ms`)
  return [
    {
      name: `at least ${LEAST_SUCCESS * 100} % of the gets are answered during the fault, in every run`,
      passed: worst >= LEAST_SUCCESS,
      seen: runs.map(({ success }) => `${(success * 100).toFixed(3)} %`).join(', '),
    },
    {
      name: `p99 during the fault is at most the larger of ${TIMES_BASELINE} times that before it and ${P99_FLOOR_MS} ms, median of the runs`,
      passed: used <= 1,
      seen: `${(used * 100).toFixed(0)} % of what is allowed (${shown.join(', ')})`,
    },
  ]
}
