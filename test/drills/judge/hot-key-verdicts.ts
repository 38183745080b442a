import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import { sumOf, total } from '../load/slice.ts'
import { ShardLoad } from '../shard-load.ts'

const WINDOW_MS = 1_000
const STEP_MS = 250
const LEAST_ONSET = 0.65
const MOST_TIMES = 1.3
const EVEN_WITHIN_MS = 5_000
const COOL_WITHIN_MS = 60_000
const LEAST_SUCCESS = 0.999
const LEAST_THROUGHPUT = 0.9
const MOST_LOADS = 1
const LEAST_READS = 2_000
const MOST_WRITES = 1
const MOST_SEEN = 0.01

const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

/** What copies have to bring about where a hot key is read at shards. `without`: the same without copies. */
export function spreadVerdicts(record: DrillRecord, without: DrillRecord): Invariant[] {
  return [onset(without), spread(record), cooled(record), answered(record), throughput(record), loads(record)]
}

interface Window {
  /** When it begins. */
  readonly at: number
  readonly share: number
  readonly times: number
}

/** Windows that lie between two moments. */
function windows(record: DrillRecord, from: number, to: number): Window[] {
  const load = new ShardLoad(record)
  const count = Math.max(0, Math.floor((to - from - WINDOW_MS) / STEP_MS) + 1)
  return Array.from({ length: count }, (_, index) => from + index * STEP_MS).flatMap((at) => {
    const busiest = load.busiest(at, at + WINDOW_MS)
    return busiest === undefined ? [] : [{ at, ...busiest }]
  })
}

function onset(record: DrillRecord): Invariant {
  const all = windows(record, record.phases.faultAt, record.phases.mendedAt)
  const shares = all.map(({ share }) => share).toSorted((a, b) => a - b)
  const median = shares[Math.floor(shares.length / 2)] ?? 0
  return {
    name: `without copies the busiest shard gets at least ${LEAST_ONSET * 100} % of the GETs (1 s windows)`,
    passed: median >= LEAST_ONSET,
    seen: `${percent(median)} in the median window, ${percent(shares.at(-1) ?? 0)} at most`,
  }
}

function spread(record: DrillRecord): Invariant {
  const { faultAt, mendedAt } = record.phases
  const all = windows(record, faultAt, mendedAt)
  const lastUneven = all.findLast(({ times }) => times > MOST_TIMES)
  const evenAt = all.find(({ at }) => at > (lastUneven?.at ?? Number.NEGATIVE_INFINITY))?.at
  const even = all.filter(({ at }) => at >= (evenAt ?? Number.POSITIVE_INFINITY))
  const most = Math.max(0, ...all.map(({ share }) => share))
  const afterMs = evenAt === undefined ? undefined : evenAt - faultAt
  return {
    name: `from ${seconds(EVEN_WITHIN_MS)} after the onset on it gets at most ${MOST_TIMES} times the mean`,
    passed: afterMs !== undefined && afterMs <= EVEN_WITHIN_MS,
    seen:
      afterMs === undefined
        ? `never for long; ${percent(most)} at most`
        : `${percent(most)} at most at the onset; from ${seconds(afterMs)} after it at most ${Math.max(...even.map(({ times }) => times)).toFixed(2)} times the mean`,
  }
}

function cooled(record: DrillRecord): Invariant {
  const { mendedAt, endedAt } = record.phases
  const load = new ShardLoad(record)
  const during = load.copies(mendedAt)
  const { copiedUntil } = load
  const afterMs = copiedUntil === undefined ? undefined : copiedUntil - mendedAt
  return {
    name: `no copies ${seconds(COOL_WITHIN_MS)} after the end`,
    passed: during > 0 && afterMs !== undefined && afterMs <= COOL_WITHIN_MS && endedAt - mendedAt >= COOL_WITHIN_MS,
    seen:
      afterMs === undefined
        ? 'there were none at any time'
        : `${during} at its end, the last one seen ${seconds(afterMs)} after it`,
  }
}

function answered(record: DrillRecord): Invariant {
  const those = slicesBetween(record, record.phases.faultAt, record.phases.endedAt)
  const gets = total(those, (slice) => slice.gets)
  const answers = total(those, ({ sources }) => sumOf(sources))
  return {
    name: `success ≥ ${percent(LEAST_SUCCESS)}`,
    passed: answers >= gets * LEAST_SUCCESS && gets > 0,
    seen: `${answers} of ${gets} (${percent(answers / Math.max(1, gets), 3)})`,
  }
}

function throughput(record: DrillRecord): Invariant {
  const { beganAt, faultAt, mendedAt } = record.phases
  const rate = (from: number, to: number) =>
    (total(slicesBetween(record, from, to), ({ sources }) => sumOf(sources)) * 1_000) / (to - from)
  const [before, during] = [rate(beganAt, faultAt), rate(faultAt, mendedAt)]
  return {
    name: `throughput ≥ ${LEAST_THROUGHPUT} of what it was before`,
    passed: during >= before * LEAST_THROUGHPUT && before > 0,
    seen: `${during.toFixed(0)} answers a second, ${before.toFixed(0)} before`,
  }
}

function loads({ phases, gauges }: DrillRecord): Invariant {
  const { faultAt, mendedAt } = phases
  const those = gauges.filter(({ at }) => at >= faultAt && at <= mendedAt)
  const count = (those.at(-1)?.counted ?? Number.NaN) - (those[0]?.counted ?? Number.NaN)
  const rate = (count * 1_000) / (mendedAt - faultAt)
  return {
    name: `less than ${MOST_LOADS} load a second of that key, as the database counts`,
    passed: rate < MOST_LOADS,
    seen: `${count} in ${seconds(mendedAt - faultAt)}`,
  }
}

/** What near caches have to bring about where nothing but the hot key is read. */
export function nearVerdicts(record: DrillRecord, before: IdleLoad): Invariant[] {
  const { faultAt, mendedAt } = record.phases
  const forS = (mendedAt - faultAt) / 1_000
  const reads = total(slicesBetween(record, faultAt, mendedAt), ({ sources }) => sumOf(sources)) / forS
  const writes = record.changes.filter(({ invalidatedAt }) => invalidatedAt >= faultAt && invalidatedAt < mendedAt)
  const load = new ShardLoad(record)
  const seen = load.names.map(
    (shard) => (load.gets(shard, faultAt, mendedAt) ?? Number.NaN) / forS - before.gets(shard),
  )
  const most = Math.max(...seen)
  return [
    {
      name: `with near caches, at ≥ ${LEAST_READS} reads and ≤ ${MOST_WRITES} write a second of a key, its shard sees less than ${percent(MOST_SEEN, 0)} of the reads`,
      passed:
        reads >= LEAST_READS && writes.length > 0 && writes.length / forS <= MOST_WRITES && most < reads * MOST_SEEN,
      seen: `${most.toFixed(1)} GETs a second beyond those of an idle fleet (${percent(most / reads, 2)}), of ${reads.toFixed(0)} reads; ${(writes.length / forS).toFixed(2)} writes a second`,
    },
    answered(record),
  ]
}

/** GETs a second of each shard while nothing is read: heartbeats. */
export class IdleLoad {
  readonly #load: ShardLoad
  readonly #from: number
  readonly #to: number

  constructor(record: Pick<DrillRecord, 'shards'>, from: number, to: number) {
    this.#load = new ShardLoad(record)
    this.#from = from
    this.#to = to
  }

  gets(shard: string): number {
    return ((this.#load.gets(shard, this.#from, this.#to) ?? Number.NaN) * 1_000) / (this.#to - this.#from)
  }
}
