/** What became of one get of the load. Moments are milliseconds of the monotonic clock. */
export interface Observation {
  readonly key: number
  /** When it should have left: latency counts from here, so that a load which is held up hides nothing. */
  readonly dueAt: number
  readonly lagMs: number
  readonly tookMs: number
  /** The gRPC status code; 0 for an answer. */
  readonly code: number
  /** Where the answer came from; empty for a failure. */
  readonly source: string
  readonly degraded: boolean
  /** The row that the value says it is, and the row's revision; -1 where it says nothing. */
  readonly shownId: number
  readonly shownRevision: number
}

/** A row that was updated in the database and then invalidated. */
export interface Change {
  readonly key: number
  readonly revision: number
  /** When the update was acknowledged. */
  readonly committedAt: number
  /** When the invalidation was acknowledged. */
  readonly invalidatedAt: number
  /** The shard could not be reached, so the bound starts when the invalidation is replayed. */
  readonly deferred: boolean
}

/** Observations and changes travel from the load as lines of JSON arrays. */
export type LoadLine =
  | readonly ['get', number, number, number, number, number, string, boolean, number, number]
  | readonly ['change', number, number, number, number, boolean]

export const observationLine = (one: Observation): LoadLine => [
  'get',
  one.key,
  round(one.dueAt),
  round(one.lagMs),
  round(one.tookMs),
  one.code,
  one.source,
  one.degraded,
  one.shownId,
  one.shownRevision,
]

export const changeLine = (one: Change): LoadLine => [
  'change',
  one.key,
  one.revision,
  one.committedAt,
  one.invalidatedAt,
  one.deferred,
]

/** What a line tells, given to the one of the two that it is for. */
export function readLoadLine(
  text: string,
  { observed, changed }: { observed(one: Observation): void; changed(one: Change): void },
): void {
  const line = JSON.parse(text) as LoadLine
  if (line[0] === 'change') {
    const [, key, revision, committedAt, invalidatedAt, deferred] = line
    changed({ key, revision, committedAt, invalidatedAt, deferred })
    return
  }
  const [, key, dueAt, lagMs, tookMs, code, source, degraded, shownId, shownRevision] = line
  observed({ key, dueAt, lagMs, tookMs, code, source, degraded, shownId, shownRevision })
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000
