import { isInt64, parseInt64 } from '../../base/int64.ts'
import type { Epoch } from '../epoch.ts'
import { IDS_REMEMBERED_MS, type Increment, type ResultOf } from '../operations.ts'
import { asEntry, type EntryRecord } from '../record.ts'
import { type MemoryBehind, pending } from './memory-behind.ts'
import { isPending, isUsable, nextVersion, stored } from './memory-record.ts'

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

/** How many request ids of one counter are remembered, as in `redis/scripts/increment.lua`. */
const MOST_IDS = 512
const NONE: readonly RecentAddition[] = []

/** What the script does to a counter, done in process. */
export class MemoryCounters {
  readonly #entries: CounterEntries
  readonly #behind: MemoryBehind
  readonly #timeUs: () => number
  /** What was added of late to the counter that a record is; records never change. */
  readonly #recent = new WeakMap<EntryRecord, readonly RecentAddition[]>()

  constructor(entries: CounterEntries, behind: MemoryBehind, timeUs: () => number) {
    this.#entries = entries
    this.#behind = behind
    this.#timeUs = timeUs
  }

  /** A counter is the same in another record. */
  rewritten(old: EntryRecord, now: EntryRecord): void {
    const recent = this.#recent.get(old)
    if (recent !== undefined) this.#recent.set(now, recent)
  }

  increment(increment: Increment): ResultOf<'increment'> {
    const { requestId, place } = increment
    const nowMs = Math.floor(this.#timeUs() / 1_000)
    const found = this.#find(increment, nowMs)
    if (typeof found === 'string') return unchanged(found)
    const { old, counter, base } = found
    const recent = this.#recentOf(counter, nowMs)
    const former = requestId && recent.find(({ id }) => id.equals(requestId))
    if (former !== undefined) return { outcome: 'repeated', version: old?.version ?? 0, value: former.value }
    const value = base + increment.delta
    if (!isInt64(value)) return unchanged('overflow')
    // The first addition since the origin heard of the sum: one record stands for all that follow.
    const pendsIn = counter !== undefined && isPending(counter) ? undefined : place
    if (pendsIn !== undefined && this.#behind.isFull(pendsIn)) return unchanged('full')
    const version = nextVersion(Math.floor(this.#timeUs()), old, increment.floor)
    const record = this.#write(increment, counter, { value, version, nowMs })
    if (pendsIn !== undefined) this.#behind.appendSum(pendsIn.backlog, increment.key, pendsIn.subject, version)
    const added = requestId === undefined ? [] : [{ id: requestId, atMs: nowMs, value }]
    this.#recent.set(record, [...recent, ...added].slice(-MOST_IDS))
    return { outcome: 'added', version, value }
  }

  #find({ key, epochs, quarantined, mayCreate, initial, tooLateMs }: Increment, nowMs: number) {
    if (nowMs >= tooLateMs) return 'late'
    const old = this.#entries.get(key)
    if (old !== undefined && awaitsVerdict(old, quarantined)) return 'unsettled'
    const live = old !== undefined && isUsable(old, epochs) && asEntry(old, nowMs) !== undefined
    if (!live && !mayCreate) return 'absent'
    const counter = live && old.kind === 'value' ? old : undefined
    const base = counter === undefined ? initial : parseInt64(counter.payload.toString())
    return base === undefined ? 'no-counter' : { old, counter, base }
  }

  #recentOf(counter: EntryRecord | undefined, nowMs: number): readonly RecentAddition[] {
    const known = counter === undefined ? NONE : (this.#recent.get(counter) ?? NONE)
    return known.filter(({ atMs }) => atMs > nowMs - IDS_REMEMBERED_MS)
  }

  #write(
    { key, epochs, ttlMs, staleKeepMs, place }: Increment,
    counter: EntryRecord | undefined,
    { value, version, nowMs }: { readonly value: bigint; readonly version: number; readonly nowMs: number },
  ): EntryRecord {
    const fresh = stored(contentOf(value, ttlMs), { nowMs, epoch: epochs[0] as Epoch, version })
    const kept = counter === undefined ? fresh : { ...fresh, hardAtMs: counter.hardAtMs }
    const record = place === undefined ? kept : pending(kept)
    const begunMs = fresh.hardAtMs - nowMs + Math.ceil(staleKeepMs)
    const leftMs = counter === undefined ? begunMs : this.#entries.leftMs(key)
    this.#entries.write(key, record, isPending(record) ? Number.POSITIVE_INFINITY : leftMs)
    return record
  }
}

/** Whether it counts is known only when all that were alive have told what they changed. */
function awaitsVerdict(record: EntryRecord, quarantined: readonly Epoch[]): boolean {
  const isEntry = record.kind === 'value' || record.kind === 'negative'
  return isEntry && !isPending(record) && quarantined.includes(record.epoch)
}

function contentOf(value: bigint, ttlMs: number) {
  const ages = { softTtlMs: undefined, staleKeepMs: 0, loadedAgoMs: 0, loadCostMs: 0 }
  return { kind: 'value', value: Buffer.from(String(value)), ttlMs, ...ages } as const
}

function unchanged<Outcome extends string>(outcome: Outcome): { readonly outcome: Outcome; readonly version: 0 } {
  return { outcome, version: 0 }
}
