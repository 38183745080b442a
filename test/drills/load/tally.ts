import { LatencyHistogram } from './latency-histogram.ts'
import type { Observation } from './observation.ts'
import { Revisions } from './revisions.ts'
import { SLICE_MS, type Slice } from './slice.ts'

export interface TallyOptions {
  /** What was due before this does not count. */
  readonly beganAt: number
  readonly boundMs: number
  readonly deadlineMs: number
  /** Rows above this are cold ones. */
  readonly keys: number
}

/** What the load sees is acknowledged a little before it sees it. */
const TOLERANCE_MS = 5
/** The first few tell the story. */
const KEPT_BREACHES = 50

type Open = { -readonly [Name in keyof Slice]: Slice[Name] } & {
  sources: Record<string, number>
  failures: Record<number, number>
}

/** Judges every get as it ends, and keeps sums only: a drill may be long. */
export class Tally {
  readonly revisions = new Revisions()
  /** Gets whose answers were wrong, or older than promised. */
  readonly breaches: Observation[] = []
  /** The largest revision that was shown of each row which has changed. */
  readonly shown = new Map<number, number>()
  readonly #options: TallyOptions
  readonly #open = new Map<string, { slice: Open; took: LatencyHistogram; lag: LatencyHistogram }>()
  #asked = new Set<number>()

  constructor(options: TallyOptions) {
    this.#options = options
  }

  /** From now on keys count as asked for the first time again. */
  mark(): void {
    this.#asked = new Set()
  }

  observed(one: Observation): void {
    const { beganAt, deadlineMs, keys } = this.#options
    if (one.dueAt < beganAt) return
    const { slice, took, lag } = this.#at(Math.floor((one.dueAt - beganAt) / SLICE_MS), one.key > keys)
    slice.gets += 1
    took.add(one.tookMs)
    lag.add(one.lagMs)
    if (one.tookMs > deadlineMs / 2) slice.late += 1
    if (!this.#asked.has(one.key)) {
      slice.first += 1
      if (one.code === 0 && one.source === 'origin') slice.firstMisses += 1
    }
    this.#asked.add(one.key)
    if (one.code === 0) this.#answered(one, slice)
    else slice.failures[one.code] = (slice.failures[one.code] ?? 0) + 1
  }

  /** What has been counted since the last time. */
  drain(): Slice[] {
    const slices = [...this.#open.values()].map(({ slice, took, lag }) => ({
      ...slice,
      took: took.counts,
      lag: lag.counts,
    }))
    this.#open.clear()
    return slices
  }

  #answered(one: Observation, slice: Open): void {
    const { key, source, degraded, shownId, shownRevision } = one
    const sentAt = one.dueAt + one.lagMs
    slice.sources[source] = (slice.sources[source] ?? 0) + 1
    if (degraded) slice.degraded += 1
    if (shownRevision < this.revisions.committedBy(key, sentAt)) slice.older += 1
    const wrong = shownId !== key || shownRevision < 1
    // Whatever counts here was acknowledged before this get was sent, so it is known by now.
    const least = this.revisions.invalidatedBy(key, sentAt - this.#options.boundMs - TOLERANCE_MS)
    const tooOld = !wrong && !degraded && shownRevision < least
    if (wrong) slice.wrong += 1
    if (tooOld) slice.tooOld += 1
    if ((wrong || tooOld) && this.breaches.length < KEPT_BREACHES) this.breaches.push(one)
    if (!wrong && shownRevision > (this.shown.get(key) ?? 1)) this.shown.set(key, shownRevision)
  }

  #at(slice: number, cold: boolean) {
    const name = `${slice} ${cold}`
    const found = this.#open.get(name) ?? emptySlice(slice, cold)
    this.#open.set(name, found)
    return found
  }
}

function emptySlice(slice: number, cold: boolean) {
  const counts = { gets: 0, degraded: 0, older: 0, wrong: 0, tooOld: 0, late: 0, first: 0, firstMisses: 0 }
  const open: Open = { slice, cold, ...counts, sources: {}, failures: {}, took: [], lag: [] }
  return { slice: open, took: new LatencyHistogram(), lag: new LatencyHistogram() }
}
