import type { SeededChance } from '../torture/seeded-chance.ts'
import type { Crowd } from './load/crowd.ts'
import type { DrillTier, StartTier } from './world/drill-tier.ts'
import type { DrillWorld } from './world/drill-world.ts'
import type { WorldShape } from './world/world-shape.ts'

/** How soon all is well again after most faults. */
export const RECOVERY_MS = 10_000

/** Ends a fault. */
export type Mend = () => Promise<void>

/** One kind of fault. */
export interface Scenario<Tier extends DrillTier = DrillTier> {
  readonly name: string
  /** For the report: what is done. */
  readonly fault: string
  /** What it needs of its world that is unlike the usual one. */
  readonly shape?: Partial<WorldShape>
  /** What most of the gets are for, as long as it lasts. */
  readonly crowd?: Crowd
  /** It is over as soon as it has happened; otherwise it lasts until it is mended. */
  readonly momentary?: boolean
  /** It leaves shards empty: the first get of each key after it may be a miss, however well all is. */
  readonly empties?: boolean
  /** How soon after its end all has to be well; `RECOVERY_MS` if absent. */
  readonly recoveryWithinMs?: number
  /** Starts the shared tier that it is about. */
  readonly startTier: StartTier<Tier>
  /** Brings the fault about, to parts chosen by chance; what it answers mends it. */
  inflict(world: DrillWorld<Tier>, chance: SeededChance): Promise<Mend>
}
