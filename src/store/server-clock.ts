/**
 * A shard's own clock, as seen from here. Clocks of two machines are never compared: a TIME that the server returned to
 * a request is carried forward on this sidecar's monotonic clock. It was read somewhen between sending and receiving, so
 * the server's time now lies between two bounds a round trip apart, and each use takes the one that errs on the safe side.
 */
export class ServerClock {
  #latestOffsetMs: number | undefined
  #earliestOffsetMs = 0

  /** `timeUs`: the server's TIME in µs, from the answer, received now, to a request sent at `sentAt`. */
  observe(sentAt: number, receivedAt: number, timeUs: number): void {
    this.#latestOffsetMs = timeUs / 1_000 - sentAt
    this.#earliestOffsetMs = timeUs / 1_000 - receivedAt
  }

  /** What the server's clock can show at most at the monotonic moment `at`, in ms: for ages. `undefined` before the first answer. */
  latest(at: number): number | undefined {
    return this.#latestOffsetMs === undefined ? undefined : this.#latestOffsetMs + at
  }

  /** The monotonic moment at which it showed `timeMs`, or one before that. `undefined` before the first answer. */
  momentOf(timeMs: number): number | undefined {
    return this.#latestOffsetMs === undefined ? undefined : timeMs - this.#latestOffsetMs
  }

  /** What it shows at least: for deadlines. */
  earliest(at: number): number | undefined {
    return this.#latestOffsetMs === undefined ? undefined : this.#earliestOffsetMs + at
  }
}
