import type { Change, Observation } from './load/observation.ts'
import { SLICE_MS, type Slice } from './load/slice.ts'
import type { Gauge } from './world/database-watch.ts'
import type { ShardSample } from './world/shard-watch.ts'
import type { SidecarSample } from './world/sidecar-watch.ts'
import type { WorldShape } from './world/world-shape.ts'

/** When the phases of a drill began and ended, in ms of the monotonic clock. */
export interface Phases {
  readonly beganAt: number
  readonly faultAt: number
  readonly mendedAt: number
  readonly endedAt: number
}

/** All that was seen of a drill. */
export interface DrillRecord {
  readonly shape: WorldShape
  readonly phases: Phases
  readonly deadlineMs: number
  /** The fault leaves shards empty. */
  readonly empties: boolean
  /** How soon after the end of the fault all has to be well. */
  readonly recoveryWithinMs: number
  /** Those of one number belong together. */
  readonly slices: readonly Slice[]
  readonly changes: readonly Change[]
  /** Gets whose answers were wrong, or older than promised; the first of them. */
  readonly breaches: readonly Observation[]
  /** The largest revision that was shown of each row that has changed. */
  readonly shown: ReadonlyMap<number, number>
  readonly gauges: readonly Gauge[]
  /** When sidecars began to make connections to the database. */
  readonly connectedAt: readonly number[]
  /** What the sidecars said of themselves. */
  readonly samples: readonly SidecarSample[]
  /** What the shards said of themselves, where they were asked. */
  readonly shards: readonly ShardSample[]
  /** What the database says after the drill, by key. */
  readonly revisions: ReadonlyMap<number, number>
  /** What each sidecar answers then for a row that has changed. */
  readonly last: readonly LastAnswer[]
  /** How sidecars have ended, with their last words; they should not. */
  readonly deaths: readonly string[]
  /** Until when after the end of the fault some sidecar had a reason to be unready, in ms; `undefined` = still. */
  readonly readyAfterMs: number | undefined
}

export interface LastAnswer {
  readonly sidecar: string
  readonly key: number
  /** -1 where there was no answer, or one that said nothing. */
  readonly revision: number
}

/** The slices that lie between two moments: those that hold one of the two belong to the time before it. */
export function slicesBetween({ slices, phases }: DrillRecord, from: number, to: number): Slice[] {
  const startOf = ({ slice }: Slice) => phases.beganAt + slice * SLICE_MS
  return slices.filter((slice) => startOf(slice) >= from && startOf(slice) < to)
}
