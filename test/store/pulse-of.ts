import type { Heard } from '../../src/store/open-line.ts'
import type { Pulse } from '../../src/store/operations.ts'

/** The answer to the first heartbeat of the only sidecar on a shard, with what the test wants otherwise. */
export const pulseOf = (changes: Partial<Pulse> = {}): Pulse => ({
  stamp: 1,
  epoch: 1,
  epochAgeMs: undefined,
  accepted: [],
  past: undefined,
  oldestStamp: undefined,
  joined: false,
  floor: 0,
  list: 1,
  members: undefined,
  notices: [],
  rings: undefined,
  versions: undefined,
  ...changes,
})

export const heardAt = (sentAt: number, pulse: Partial<Pulse> = {}, quarantineAsOf?: number): Heard => ({
  pulse: pulseOf(pulse),
  sentAt,
  quarantineAsOf,
})
