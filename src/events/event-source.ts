import type { SourceEvent } from './event.ts'

/** Events that are taken together. */
export interface EventBatch {
  /** At least one, unless there is only a position to be confirmed. */
  readonly events: readonly SourceEvent[]
  /** How long ago the oldest of them came about, as far as the source can tell. */
  readonly ageMs: number
  /**
   * Everything that they outdate has been invalidated: the source need not bring them again. It keeps those that are
   * `setAside`, by their place in `events`, with what is wrong with them, where an operator finds them.
   */
  done(setAside: ReadonlyMap<number, string>): Promise<void>
}

/** The right to be the one consumer of a source, as long as it lasts. */
export interface EventSession {
  /** The next events; waits until there are some. `undefined` once `signal` is aborted. Rejects when the session is over. */
  next(signal: AbortSignal): Promise<EventBatch | undefined>
  /** Lets another consumer take over. Never rejects. */
  close(): Promise<void>
}

/**
 * To be called when events may have been missed for good, with why as the end of a sentence: everything that rules could make
 * of them is to be taken for outdated. Resolves when that is done.
 */
export type Missed = (why: string) => Promise<void>

/**
 * Where events come from. Each is brought at least once, by one session at a time in the fleet, in no particular order;
 * what was not `done` when a session ended is brought by the next one. A session whose process has died or stands still is
 * ended by the source itself within seconds. Rejects only with RingsideError, never with a driver's error.
 */
export interface EventSource {
  readonly name: string
  /** `undefined` while another process is the consumer. Rejects when the source cannot be used; the message says why. */
  open(missed: Missed): Promise<EventSession | undefined>
  /** What an operator should know although it works. */
  warnings(): readonly string[]
}
