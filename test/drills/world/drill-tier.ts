import type { WorldShape } from './world-shape.ts'

/** The shared tier of a drill: real servers, as a scenario needs them. */
export interface DrillTier {
  /** For reports: `three shards`. */
  readonly described: string
  /** The section `shards` of the configuration of one sidecar; they are counted from 0. */
  configFor(sidecar: number): object
  stop(): Promise<void>
  /** As `stop`, at once, for a process that is about to exit itself. */
  abandon(): void
}

export type StartTier<Tier extends DrillTier = DrillTier> = (shape: WorldShape) => Promise<Tier>
