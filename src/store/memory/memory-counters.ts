import { isInt64, parseInt64 } from '../../base/int64.ts'
import type { Epoch } from '../epoch.ts'
import type { Increment, ResultOf } from '../operations.ts'
import { asEntry, type EntryRecord } from '../record.ts'
import { isUsable, nextVersion, stored } from './memory-record.ts'

/** The entries of a server, as counters need them. */
export interface CounterEntries {
  get(key: string): EntryRecord | undefined
  /** How long the key has still to live, in ms. */
  leftMs(key: string): number
  write(key: string, record: EntryRecord, ttlMs: number): void
}

interface RecentAddition {
  readonly id: Buffer
  readonly atMs: number
  readonly value: bigint
}

/** How long, and how many, request ids of one counter are remembered, as in `redis/scripts/increment.lua`. */
const REMEMBERED_MS = 60_000
const MOST_IDS = 512
const NONE: readonly RecentAddition[] = []

/** What the script does to a counter, done in process. */
export class MemoryCounters {
  readonly #entries: CounterEntries
  readonly #timeUs: () => number
  /** What was added of late to the counter that a record is; records never change. */
  readonly #recent = new WeakMap<EntryRecord, readonly RecentAddition[]>()

  constructor(entries: CounterEntries, timeUs: () => number) {
    this.#entries = entries
    this.#timeUs = timeUs
  }

  increment(increment: Increment): ResultOf<'increment'> {
    const { key, epochs, quarantined, requestId } = increment
    const nowMs = Math.floor(this.#timeUs() / 1_000)
    if (nowMs >= increment.tooLateMs) return unchanged('late')
    const old = this.#entries.get(key)
    if (old !== undefined && isEntry(old) && isUsable(old, quarantined)) return unchanged('unsettled')
    const live = old !== undefined && isUsable(old, epochs) && asEntry(old, nowMs) !== undefined
    if (!live && !increment.mayCreate) return unchanged('absent')
    const counter = live && old.kind === 'value' ? old : undefined
    const base = counter === undefined ? increment.initial : parseInt64(counter.payload.toString())
    if (base === undefined) return unchanged('no-counter')
    const recent = this.#recentOf(counter, nowMs)
    const former = requestId && recent.find(({ id }) => id.equals(requestId))
    if (former !== undefined) return { outcome: 'repeated', version: old?.version ?? 0, value: former.value }
    const value = base + increment.delta
    if (!isInt64(value)) return unchanged('overflow')
    const version = nextVersion(Math.floor(this.#timeUs()), old, increment.floor)
    const record = this.#write(increment, counter, { value, version, nowMs })
    const added = requestId === undefined ? [] : [{ id: requestId, atMs: nowMs, value }]
    this.#recent.set(record, [...recent, ...added].slice(-MOST_IDS))
    return { outcome: 'added', version, value }
  }

  #recentOf(counter: EntryRecord | undefined, nowMs: number): readonly RecentAddition[] {
    const known = counter === undefined ? NONE : (this.#recent.get(counter) ?? NONE)
    return known.filter(({ atMs }) => atMs > nowMs - REMEMBERED_MS)
  }

  #write(
    { key, epochs, ttlMs, staleKeepMs }: Increment,
    counter: EntryRecord | undefined,
    { value, version, nowMs }: { readonly value: bigint; readonly version: number; readonly nowMs: number },
  ): EntryRecord {
    const fresh = stored(contentOf(value, ttlMs), { nowMs, epoch: epochs[0] as Epoch, version })
    const record = counter === undefined ? fresh : { ...fresh, hardAtMs: counter.hardAtMs }
    const leftMs = counter === undefined ? record.hardAtMs - nowMs + Math.ceil(staleKeepMs) : this.#entries.leftMs(key)
    this.#entries.write(key, record, leftMs)
    return record
  }
}

function isEntry({ kind }: EntryRecord): boolean {
  return kind === 'value' || kind === 'negative'
}

function contentOf(value: bigint, ttlMs: number) {
  const ages = { softTtlMs: undefined, staleKeepMs: 0, loadedAgoMs: 0, loadCostMs: 0 }
  return { kind: 'value', value: Buffer.from(String(value)), ttlMs, ...ages } as const
}

function unchanged<Outcome extends string>(outcome: Outcome): { readonly outcome: Outcome; readonly version: 0 } {
  return { outcome, version: 0 }
}
