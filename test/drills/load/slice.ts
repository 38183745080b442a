import type { LatencyCounts } from './latency-histogram.ts'

/** A drill is counted in slices of this length, by the moments at which gets were due. */
export const SLICE_MS = 100

/** What became of the gets of one slice, or of a part of them. */
export interface Slice {
  /** Its number, counted from the beginning of the load. */
  readonly slice: number
  /** Gets for rows that nobody has asked for before, which no cache can have; else for those that the caches were filled with. */
  readonly cold: boolean
  readonly gets: number
  /** Answers by where they came from. */
  readonly sources: Readonly<Record<string, number>>
  /** Failures by gRPC status code. */
  readonly failures: Readonly<Record<number, number>>
  /** Answers that say so. */
  readonly degraded: number
  /** Answers older than the row in the database, whatever the contract allows. */
  readonly older: number
  /** Answers with a value of another row, or of none. */
  readonly wrong: number
  /** Answers older than promised that do not say that they are degraded. */
  readonly tooOld: number
  /** Gets that took more than half of their deadline. */
  readonly late: number
  /** Keys that were asked for the first time since the last mark. */
  readonly first: number
  /** Answers of the origin for keys that were asked for the first time since then: no cache that is empty has them. */
  readonly firstMisses: number
  readonly took: LatencyCounts
  readonly lag: LatencyCounts
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, one) => sum + one, 0)

export const failed = ({ failures }: Pick<Slice, 'failures'>): number => sumOf(failures)

/** Answers that some cache gave. */
export const hits = ({ sources }: Pick<Slice, 'sources'>): number => sumOf(sources) - (sources.origin ?? 0)

export const total = (slices: readonly Slice[], of: (slice: Slice) => number): number =>
  slices.reduce((sum, slice) => sum + of(slice), 0)

/** The same counts of several slices, by name. */
export function together(all: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
