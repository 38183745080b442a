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

const VALUE = /^\{"id": (\d+), "revision": (\d+)\} *$/

/** What a value says of itself. */
export function readValue(value: Buffer): { readonly shownId: number; readonly shownRevision: number } {
  const [, id, revision] = VALUE.exec(value.toString('latin1')) ?? []
  return { shownId: Number(id ?? -1), shownRevision: Number(revision ?? -1) }
}
