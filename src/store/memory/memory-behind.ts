import {
  type BacklogPlace,
  type BacklogSubject,
  type BuryRecord,
  PENDING_MS,
  type PutBehind,
  type SettleBacklog,
} from '../backlog.ts'
import type { Epoch } from '../epoch.ts'
import type { ResultOf } from '../operations.ts'
import type { EntryRecord } from '../record.ts'
import { BacklogTable } from './backlog-table.ts'
import { isPending, marker, nextVersion, stored, TOMBSTONE_TTL_MS } from './memory-record.ts'
import { tableIn } from './named-tables.ts'

/** The entries of a server, as write-behind needs them. */
export interface PendingEntries {
  get(key: string): EntryRecord | undefined
  /** `ttlMs`: `Infinity` = it stays. */
  write(key: string, record: EntryRecord, ttlMs: number): void
}

/** What the scripts of write-behind do, done in process. */
export class MemoryBehind {
  readonly #entries: PendingEntries
  readonly #timeUs: () => number
  readonly #onRewritten: (old: EntryRecord, now: EntryRecord) => void
  #backlogs: Map<string, BacklogTable>

  constructor(
    entries: PendingEntries,
    timeUs: () => number,
    onRewritten: (old: EntryRecord, now: EntryRecord) => void,
  ) {
    this.#entries = entries
    this.#timeUs = timeUs
    this.#onRewritten = onRewritten
    this.#backlogs = new Map()
  }

  get backlogs(): ReadonlyMap<string, BacklogTable> {
    return this.#backlogs
  }

  restore(backlogs: Map<string, BacklogTable>): void {
    this.#backlogs = backlogs
  }

  backlog(name: string): BacklogTable {
    return tableIn(this.#backlogs, name, () => new BacklogTable())
  }

  isFull({ backlog, maxBacklog }: Omit<BacklogPlace, 'subject'>): boolean {
    return this.backlog(backlog).size >= maxBacklog
  }

  put({ key, kind, value, subject, ...put }: PutBehind): ResultOf<'putBehind'> {
    const nowMs = this.#nowMs()
    if (nowMs >= put.tooLateMs) return { outcome: 'late', version: 0 }
    if (this.isFull(put)) return { outcome: 'full', version: 0 }
    const version = nextVersion(Math.floor(this.#timeUs()), this.#entries.get(key), put.floor)
    const epoch = put.epochs[0] as Epoch
    this.#entries.write(
      key,
      pending(stored(contentOf(kind, value), { nowMs, epoch, version })),
      Number.POSITIVE_INFINITY,
    )
    const change = kind === 'value' ? 'value' : 'deleted'
    this.backlog(put.backlog).append({ ...subject, physicalKey: key, change, version, value }, nowMs)
    return { outcome: 'stored', version }
  }

  settle(settle: SettleBacklog): boolean {
    const { key, subject, ids, how, version, epochs } = settle
    const nowMs = this.#nowMs()
    const removed = this.backlog(settle.backlog).remove(ids)
    const old = this.#entries.get(key)
    if (old === undefined) return true
    if (isPending(old) && old.version !== version) {
      if (removed.some(({ change }) => change === 'sum')) this.appendSum(settle.backlog, key, subject, old.version)
      return false
    }
    const isIt = old.version === version && (old.kind === 'value' || old.kind === 'negative')
    if (!isPending(old) && isIt) return true
    if (isPending(old) && how === 'stored' && epochs.includes(old.epoch)) this.#revive(settle, old, nowMs)
    else this.#entomb(settle, old, nowMs)
    return true
  }

  /** One record stands for all that is added to a counter until it is flushed. */
  appendSum(backlog: string, key: string, subject: BacklogSubject, version: number): void {
    const record = { ...subject, physicalKey: key, change: 'sum', version, value: Buffer.alloc(0) } as const
    this.backlog(backlog).append(record, this.#nowMs())
  }

  bury({ key, most, record }: BuryRecord): undefined {
    const grave = this.backlog(key)
    grave.append(record, this.#nowMs())
    grave.keep(most)
  }

  /** The entry is like any other now. */
  #revive({ key, ttlMs, softTtlMs, staleKeepMs, smaller }: SettleBacklog, old: EntryRecord, nowMs: number): void {
    const softAtMs = softTtlMs === undefined ? 0 : nowMs + Math.max(1, Math.ceil(softTtlMs))
    const record = { ...old, ...smaller, softAtMs, hardAtMs: nowMs + Math.ceil(ttlMs) }
    this.#onRewritten(old, record)
    this.#entries.write(key, record, Math.ceil(ttlMs) + Math.ceil(staleKeepMs))
  }

  #entomb({ key, floor, epochs }: SettleBacklog, old: EntryRecord, nowMs: number): void {
    const version = nextVersion(Math.floor(this.#timeUs()), old, floor)
    const mark = { nowMs, epoch: epochs[0] as Epoch, version, token: undefined, holdUntilMs: old.holdUntilMs }
    const tombstone = marker('tombstone', undefined, { ...mark, hardAtMs: nowMs + TOMBSTONE_TTL_MS })
    this.#entries.write(key, tombstone, TOMBSTONE_TTL_MS)
  }

  #nowMs(): number {
    return Math.floor(this.#timeUs() / 1_000)
  }
}

/** The record as one whose value waits in the backlog. */
export function pending(record: EntryRecord): EntryRecord {
  return { ...record, softAtMs: 0, hardAtMs: PENDING_MS }
}

function contentOf(kind: 'value' | 'negative', value: Buffer) {
  return { kind, value, ttlMs: 1, softTtlMs: undefined, staleKeepMs: 0, loadedAgoMs: 0, loadCostMs: 0 }
}
