import type { Gauge } from './drill-database.ts'
import type { Change, Observation } from './observation.ts'

/** When the phases of a drill began and ended, in ms of the monotonic clock. */
export interface Phases {
  readonly beganAt: number
  readonly faultAt: number
  readonly mendedAt: number
  readonly endedAt: number
}

/** All that was seen of a drill. */
export interface DrillRecord {
  readonly phases: Phases
  readonly deadlineMs: number
  readonly boundMs: number
  readonly observations: readonly Observation[]
  readonly changes: readonly Change[]
  readonly gauges: readonly Gauge[]
  /** What the database says after the drill, by key. */
  readonly revisions: ReadonlyMap<number, number>
  /** What each sidecar answers then for a row that has changed. */
  readonly last: readonly LastAnswer[]
  /** Until when after the end of the fault some sidecar had a reason to be unready, in ms; `undefined` = still. */
  readonly readyAfterMs: number | undefined
}

export interface LastAnswer {
  readonly sidecar: string
  readonly key: number
  /** -1 where there was no answer, or one that said nothing. */
  readonly revision: number
}
