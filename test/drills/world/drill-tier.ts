import type { WorldShape } from './world-shape.ts'

/** The shared tier of a drill: real servers, as a scenario needs them. They end with this process (`atExit`). */
export interface DrillTier {
  /** The section `shards` of the configuration of one sidecar; they are counted from 0. */
  configFor(sidecar: number): object
  stop(): Promise<void>
}

export type StartTier<Tier extends DrillTier = DrillTier> = (shape: WorldShape) => Promise<Tier>
