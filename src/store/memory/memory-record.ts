import { PENDING_MS } from '../backlog.ts'
import type { CopyFill } from '../copy-lease.ts'
import { type Epoch, encodeEpochs } from '../epoch.ts'
import type { EntryRecord } from '../record.ts'
import type { StoredContent } from '../stored-content.ts'
import { NO_INTENTS, type WriteIntent } from '../write-intent.ts'

/** How long an invalidation is remembered, as in `redis/scripts/record.lua`. */
export const TOMBSTONE_TTL_MS = 10_000
const FLOOR_AHEAD_US = 60_000_000
const EMPTY = Buffer.alloc(0)
const NO_MARKER = { stale: undefined, token: undefined, holdUntilMs: 0, intents: NO_INTENTS } as const

/** What its origin does not have yet counts in whatever epoch. */
export function isUsable(record: EntryRecord, epochs: readonly Epoch[]): boolean {
  return isPending(record) || epochs.includes(record.epoch)
}

export function isPending({ hardAtMs }: EntryRecord): boolean {
  return hardAtMs === PENDING_MS
}

/** `max(TIME, old + 1, floor)`; a floor from a clock that runs ahead counts for at most 60 s. */
export function nextVersion(nowUs: number, old: EntryRecord | undefined, floor: number): number {
  return Math.max(nowUs, old === undefined ? 0 : old.version + 1, Math.min(floor, nowUs + FLOOR_AHEAD_US))
}

/** A tombstone or a lease that keeps what `from` can still give stale: nothing, if that is of another epoch. */
export function marker(
  kind: 'tombstone' | 'lease',
  from: EntryRecord | undefined,
  mark: Pick<EntryRecord, 'epoch' | 'version' | 'hardAtMs' | 'token' | 'holdUntilMs'> & {
    readonly nowMs: number
    readonly intents?: readonly WriteIntent[]
  },
): EntryRecord {
  const kept = from?.epoch === mark.epoch ? from : undefined
  const stale = kept && staleFacts(kept, mark.nowMs)
  return {
    kind,
    loadCostMs: 0,
    epoch: mark.epoch,
    version: mark.version,
    loadedAtMs: stale === undefined ? 0 : (kept?.loadedAtMs ?? 0),
    softAtMs: 0,
    hardAtMs: mark.hardAtMs,
    payload: stale === undefined ? EMPTY : (kept?.payload ?? EMPTY),
    packed: stale === undefined ? undefined : kept?.packed,
    stale,
    token: mark.token,
    holdUntilMs: mark.holdUntilMs > mark.nowMs ? mark.holdUntilMs : 0,
    asOfMs: 0,
    tags: stale === undefined ? undefined : kept?.tags,
    intents: mark.intents ?? NO_INTENTS,
  }
}

/** The intents of a record that stand. */
export function standing(record: EntryRecord | undefined, nowMs: number): readonly WriteIntent[] {
  if (record === undefined || record.intents.length === 0) return NO_INTENTS
  return record.intents.filter(({ untilMs }) => untilMs > nowMs)
}

/** Those that are to go on standing in a record of this epoch. In the memory of another one some may have been forgotten. */
export function carried(record: EntryRecord | undefined, epoch: Epoch, nowMs: number): readonly WriteIntent[] {
  const intents = standing(record, nowMs)
  return record?.epoch === epoch ? intents : overlapped(intents)
}

export function overlapped(intents: readonly WriteIntent[]): readonly WriteIntent[] {
  return intents.map((intent) => ({ ...intent, overlapped: true }))
}

/** Up to when the last of some intents stands; 0 = there is none. */
export function lastOf(intents: readonly WriteIntent[]): number {
  return intents.reduce((last, { untilMs }) => Math.max(last, untilMs), 0)
}

/** Up to when a hold stands; 0 = none does. */
export function holdOf(record: EntryRecord | undefined, nowMs: number): number {
  return record !== undefined && record.holdUntilMs > nowMs ? record.holdUntilMs : 0
}

/** Up to when nothing that is loaded may be stored: a hold, or an intent; 0 = it may. */
export function heldUntil(record: EntryRecord | undefined, nowMs: number): number {
  return Math.max(holdOf(record, nowMs), lastOf(standing(record, nowMs)))
}

/** An entry that begins to live. */
export function stored(
  content: StoredContent,
  { nowMs, epoch, version }: { readonly nowMs: number; readonly epoch: Epoch; readonly version: number },
): EntryRecord {
  return {
    ...NO_MARKER,
    kind: content.kind,
    loadCostMs: Math.ceil(content.loadCostMs),
    epoch,
    version,
    loadedAtMs: nowMs - Math.ceil(content.loadedAgoMs),
    softAtMs: content.softTtlMs === undefined ? 0 : nowMs + Math.max(1, Math.ceil(content.softTtlMs)),
    hardAtMs: nowMs + Math.ceil(content.ttlMs),
    payload: Buffer.from(content.value),
    packed: content.packed,
    asOfMs: 0,
    tags: content.tags,
  }
}

export function copyOf(copy: CopyFill): EntryRecord {
  const { kind, epoch, version, loadedAtMs, softAtMs, hardAtMs, asOfMs, tags, packed } = copy
  const [times, content] = [
    { loadedAtMs, softAtMs, hardAtMs, asOfMs },
    { payload: Buffer.from(copy.value), packed, tags },
  ]
  return { ...NO_MARKER, kind, loadCostMs: 0, epoch, version, ...times, ...content }
}

/** The record of a tag: a value whose version is the stamp, and whose payload is the epoch. */
export function tagRecord(tag: {
  readonly epoch: Epoch
  readonly stampUs: number
  readonly nowMs: number
  readonly ttlMs: number
}): EntryRecord {
  const { epoch, stampUs: version, nowMs, ttlMs } = tag
  const content = { kind: 'value', value: encodeEpochs(epoch), ttlMs, softTtlMs: undefined } as const
  return stored({ ...content, staleKeepMs: 0, loadedAgoMs: 0, loadCostMs: 0 }, { nowMs, epoch, version })
}

function staleFacts(record: EntryRecord, nowMs: number): EntryRecord['stale'] {
  if (record.kind !== 'value' && record.kind !== 'negative') return record.stale
  return { kind: record.kind, version: record.version, sinceMs: Math.min(record.hardAtMs, nowMs) }
}
