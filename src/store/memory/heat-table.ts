import type { CopyCount } from '../../hotkey/hot-list.ts'
import type { HeatDecision, HeatNews, HeatReport, HotKey } from '../heat.ts'
import { type Aims, decide, type KeyHeat, TIME_CONSTANT_MS } from './heat-loop.ts'
import { addUp } from './heat-sums.ts'

interface Table {
  /** Sums that decay, as of the last survey: of all reads at this shard, and at the mean of all shards. */
  shardReads: number
  meanReads: number
  surveyedMs: number
  /** The server's TIME, in µs, when the list of keys that have copies last changed. */
  version: number
  copies: readonly CopyCount[]
  keys: ReadonlyMap<string, KeyHeat>
  /** What was told since the last survey. */
  told: readonly HeatReport[]
}

/** One table, at the moment of a survey. */
interface Moment {
  readonly nowMs: number
  readonly nowUs: number
  readonly aims: Aims
}

const SURVEY_MS = 500
/** A large table is surveyed less often, since each key costs the shard microseconds. */
const LARGE = { keys: 256, surveyMs: 1_000 }
/** So many reports are not kept until then. */
const MOST_TOLD = 256
/** A table that was surveyed longer ago, or by its clock will have been only then, tells nothing of what goes on now. */
const LOST_MS = 60_000
/** Beyond so many keys the coldest go. */
const MOST_KEYS = 512
/** A read that reaches the shard counts for so many that do not. */
const SHARD_READ_WEIGHT = 10
/** Below this a key is forgotten. */
const LEAST_HEAT = 1

/**
 * How hot the keys of one shard are, by what all sidecars tell of them, and how many copies each has therefore. What is
 * told is only put down, which must be cheap in a fleet of hundreds; surveys, of which there are no more than two a second,
 * add it up and decide. What is lost of all this is built anew within seconds. `redis/scripts/heat.lua` does the same.
 */
export class HeatTable {
  #table: Table | undefined

  copy(): HeatTable {
    const copy = new HeatTable()
    if (this.#table !== undefined) copy.#table = { ...this.#table }
    return copy
  }

  tell(report: HeatReport, nowUs: number): HeatNews {
    const nowMs = Math.floor(nowUs / 1_000)
    const table = this.#tableAt(nowMs, nowUs)
    table.told = [...table.told, report]
    const sinceMs = nowMs - table.surveyedMs
    const surveyMs = table.keys.size > LARGE.keys ? LARGE.surveyMs : SURVEY_MS
    const isDue = sinceMs < 0 || sinceMs >= surveyMs || table.told.length >= MOST_TOLD
    const decided = isDue ? survey(table, { nowMs, nowUs, aims: report }) : []
    const version = String(table.version)
    return { version, copies: version === report.known ? undefined : table.copies, decided }
  }

  /** The hottest first, as of the last survey. */
  hottest(limit: number, nowMs: number): readonly HotKey[] {
    const table = this.#table
    if (table === undefined || isLost(table, nowMs)) return []
    const perSecond = (sum: number) => (sum * 1_000) / TIME_CONSTANT_MS
    return [...table.keys]
      .sort(([a, one], [b, other]) => heatOf(other) - heatOf(one) || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([key, one]) => ({
        key,
        readsPerSecond: perSecond(one.reads),
        shardReadsPerSecond: perSecond(one.shardReads),
        writesPerSecond: perSecond(one.writes),
        share: shareOf(one, table.shardReads),
        copies: one.copies,
        sinceMs: one.copies === 0 ? 0 : Math.max(0, nowMs - one.sinceMs),
      }))
  }

  #tableAt(nowMs: number, nowUs: number): Table {
    if (this.#table !== undefined && !isLost(this.#table, nowMs)) return this.#table
    const nothing = { shardReads: 0, meanReads: 0, copies: [], keys: new Map(), told: [] }
    this.#table = { ...nothing, surveyedMs: nowMs, version: nowUs }
    return this.#table
  }
}

function isLost({ surveyedMs }: Table, nowMs: number): boolean {
  return Math.abs(nowMs - surveyedMs) > LOST_MS
}

/** Adds up what was told, decides anew on every key, and forgets those that are cold. */
function survey(table: Table, moment: Moment): readonly HeatDecision[] {
  const { nowMs } = moment
  // Where the clock was set back, no time has passed.
  const left = Math.exp(-Math.max(0, nowMs - table.surveyedMs) / TIME_CONSTANT_MS)
  const sum = (of: 'shardReads' | 'meanReads') => table.told.reduce((all, report) => all + report[of], table[of] * left)
  table.shardReads = sum('shardReads')
  table.meanReads = sum('meanReads')
  const keys = addUp(table.keys, table.told, left, nowMs)
  const decided = [...keys].flatMap(([key, one]) => decidedOn(key, one, table, moment))
  table.keys = new Map(warmest([...keys].filter(([, one]) => one.copies > 0 || heatOf(one) >= LEAST_HEAT)))
  table.surveyedMs = nowMs
  table.told = []
  list(table, moment.nowUs)
  return decided.sort(byKey)
}

function decidedOn(key: string, one: KeyHeat, table: Table, { nowMs, aims }: Moment): readonly HeatDecision[] {
  const from = one.copies
  const facts = { readsPerSecond: (one.reads * 1_000) / TIME_CONSTANT_MS, share: shareOf(one, table.shardReads) }
  decide(one, table.meanReads, aims, nowMs)
  return one.copies === from ? [] : [{ key, from, to: one.copies, ...facts }]
}

type Keys = readonly (readonly [key: string, KeyHeat])[]

/** As many as there is room for: the coldest go that have no copies. */
function warmest(keys: Keys): Keys {
  let surplus = keys.length - MOST_KEYS
  const heats = keys.flatMap(([, one]) => (one.copies > 0 ? [] : [heatOf(one)])).sort((a, b) => a - b)
  const limit = heats[surplus - 1]
  if (limit === undefined) return keys
  return keys.filter(([, one]) => {
    const goes = surplus > 0 && one.copies === 0 && heatOf(one) <= limit
    if (goes) surplus -= 1
    return !goes
  })
}

function list(table: Table, nowUs: number): void {
  const copies = [...table.keys].flatMap(([key, one]) => (one.copies > 0 ? [{ key, copies: one.copies }] : []))
  copies.sort(byKey)
  if (JSON.stringify(copies) === JSON.stringify(table.copies)) return
  table.copies = copies
  table.version = Math.max(nowUs, table.version + 1)
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1)
const heatOf = ({ reads, shardReads }: KeyHeat) => reads + SHARD_READ_WEIGHT * shardReads

/** Of the shard's reads, as readers spread evenly over the key and its copies. */
function shareOf({ shardReads, copies }: KeyHeat, all: number): number {
  return all <= 0 ? 0 : Math.min(1, shardReads / (1 + copies) / all)
}
