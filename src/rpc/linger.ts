import { type Clock, pause } from '../base/clock.ts'

/** How often it looks who is connected. */
const LOOK_EVERY_MS = 100

/** For so long nobody may have been connected: an app between two connections is not gone. */
const QUIET_MS = 2_000

export interface LingerParts {
  /** Connections of callers; `undefined` where that is not known, and everyone counts as connected. */
  readonly callers: () => number | undefined
  readonly clock: Clock
}

/**
 * Resolves when all callers have gone, at the latest after `mostMs`. Where sidecar and app are told to stop at one moment, as containers
 * of a pod are, the app has its cache until it has ended, since a process that ends closes its connections.
 */
export async function linger(mostMs: number, { callers, clock }: LingerParts): Promise<void> {
  const endsAt = clock.now() + mostMs
  let lastSeenAt = clock.now()
  while (clock.now() < endsAt && clock.now() - lastSeenAt < QUIET_MS) {
    await pause(clock, LOOK_EVERY_MS)
    if (callers() !== 0) lastSeenAt = clock.now()
  }
}
