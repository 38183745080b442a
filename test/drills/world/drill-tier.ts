import type { Redis } from 'ioredis'
import type { WorldShape } from './world-shape.ts'

export interface NamedRedis {
  readonly name: string
  readonly client: Redis
}

/** The shared tier of a drill: real servers, as a scenario needs them. They end with this process (`atExit`). */
export interface DrillTier {
  /** The section `shards` of the configuration of one sidecar; they are counted from 0. */
  configFor(sidecar: number): object
  /** The servers that are read, where they stay the same and are to be watched. */
  readonly primaries?: readonly NamedRedis[]
  stop(): Promise<void>
}

export type StartTier<Tier extends DrillTier = DrillTier> = (shape: WorldShape) => Promise<Tier>
