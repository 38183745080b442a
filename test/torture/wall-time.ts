import { systemClock } from '../../src/base/clock.ts'

const CLOSE_MS = 0.5
const ATTEMPTS = 10

let offsetMs = 0

/**
 * A moment of wall time on the monotonic clock. Both clocks are read anew each time, and again where this process was
 * held up in between; if it always was, the last good reading counts.
 */
export function fromWall(unixMs: number): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = systemClock.now()
    const wall = systemClock.wall()
    const after = systemClock.now()
    if (after - before > CLOSE_MS && offsetMs !== 0) continue
    // Wall time comes in whole milliseconds, so on average it is half of one behind.
    offsetMs = wall + 0.5 - (before + after) / 2
    break
  }
  return unixMs - offsetMs
}
