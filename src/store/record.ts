import type { Entry, StaleEntry } from '../base/entry.ts'
import type { TagRef } from '../base/tag-ref.ts'
import type { Epoch } from './epoch.ts'
import { decodePacked, PACKED_BYTES, type Packed } from './packing/packed.ts'
import { decodeTagRefs } from './tag-refs.ts'
import { decodeIntents, type WriteIntent } from './write-intent.ts'

/**
 * What one Redis string holds: a fixed header, TLV extensions, then the payload as opaque bytes. All numbers are
 * big-endian. The same layout is written and read by `redis/scripts/record.lua`.
 *
 * | offset | bytes | field |
 * |---|---|---|
 * | 0 | 1 | format, 1 |
 * | 1 | 1 | kind: 1 value, 2 negative, 3 tombstone, 4 lease |
 * | 2 | 2 | flags: 1 = the stale payload is a negative |
 * | 4 | 4 | load cost, ms |
 * | 8 | 8 | epoch in which it was written |
 * | 16 | 8 | version |
 * | 24 | 8 | loaded-at of the payload, ms |
 * | 32 | 8 | soft expiry, ms; 0 = none |
 * | 40 | 8 | hard expiry, ms: of the value, the tombstone or the lease |
 * | 48 | 8 | stale-since, ms; 0 = the payload is not stale |
 * | 56 | 4 | length of the extensions |
 * | 60 | … | extensions: type (1), length (4), bytes; unknown types are skipped |
 *
 * Extensions: 1 token of a lease, 2 version of a stale payload, 3 hold, ms, 4 `as_of` of a copy, ms, 5 write intents (see
 * `write-intent.ts`), 6 what was added to a counter of late under which request id (see `increment.lua`), 7 tags of the
 * payload (see `tag-refs.ts`), 8 how the payload is compressed (see `packing/packed.ts`) and its stale-since, ms.
 *
 * A compressed payload is hidden from who does not know of it: the kind of such a value is stored as 3, a tombstone, and
 * the stale-since of the header as 0. Extension 8 says what they are: with a stale-since of 0 the record is a value.
 *
 * Times are the storing server's TIME.
 */
export interface EntryRecord {
  readonly kind: RecordKind
  readonly loadCostMs: number
  /** In which it was written. */
  readonly epoch: Epoch
  readonly version: number
  readonly loadedAtMs: number
  readonly softAtMs: number
  readonly hardAtMs: number
  readonly payload: Buffer
  /** How the payload is compressed; `undefined` = it is not. */
  readonly packed: Packed | undefined
  /** What a tombstone or lease keeps of the value before it. */
  readonly stale: StaleFacts | undefined
  /** Of a lease. */
  readonly token: Buffer | undefined
  /** Up to when what is loaded may not be stored, for a tombstone or a lease; 0 = it may. */
  readonly holdUntilMs: number
  /** Of a copy: as of when it is known to have been current; 0 = it is no copy. */
  readonly asOfMs: number
  /** Of the payload; `undefined` = none. */
  readonly tags: readonly TagRef[] | undefined
  /** Writes to the origin that are under way, or were: those whose time is over may be among them. */
  readonly intents: readonly WriteIntent[]
}

export interface StaleFacts {
  readonly kind: 'value' | 'negative'
  readonly sinceMs: number
  /** The version of the payload, older than the record's own. */
  readonly version: number
}

export type RecordKind = 'value' | 'negative' | 'tombstone' | 'lease'

export const FORMAT = 1
export const HEADER_BYTES = 60
const KINDS: readonly (RecordKind | undefined)[] = [undefined, 'value', 'negative', 'tombstone', 'lease']
const STALE_IS_NEGATIVE = 1
const TOKEN = 1
const STALE_VERSION = 2
const HOLD = 3
const AS_OF = 4
const INTENTS = 5
const TAGS = 7
const PACKED = 8

/** `undefined` for bytes of an unknown format or kind, or with tags that make no sense: they read as a miss. */
export function decodeRecord(raw: Buffer): EntryRecord | undefined {
  if (raw.length < HEADER_BYTES || raw[0] !== FORMAT) return undefined
  const kind = KINDS[raw[1] as number]
  const payloadAt = HEADER_BYTES + raw.readUInt32BE(56)
  if (kind === undefined || payloadAt > raw.length) return undefined
  const extensions = payloadAt === HEADER_BYTES ? NO_EXTENSIONS : readExtensions(raw.subarray(HEADER_BYTES, payloadAt))
  const tagged = extensions.get(TAGS)
  const tags = tagged && decodeTagRefs(tagged)
  if (tagged !== undefined && tags === undefined) return undefined
  const { packed, sinceMs } = readPacked(extensions.get(PACKED)) ?? { packed: undefined, sinceMs: readTime(raw, 48) }
  return {
    kind: packed !== undefined && sinceMs === 0 ? 'value' : kind,
    loadCostMs: raw.readUInt32BE(4),
    epoch: readTime(raw, 8),
    version: readTime(raw, 16),
    loadedAtMs: readTime(raw, 24),
    softAtMs: readTime(raw, 32),
    hardAtMs: readTime(raw, 40),
    payload: raw.subarray(payloadAt),
    packed,
    stale:
      sinceMs === 0
        ? undefined
        : {
            kind: (raw.readUInt16BE(2) & STALE_IS_NEGATIVE) === 0 ? 'value' : 'negative',
            sinceMs,
            version: timeIn(extensions.get(STALE_VERSION)),
          },
    token: extensions.get(TOKEN),
    holdUntilMs: timeIn(extensions.get(HOLD)),
    asOfMs: timeIn(extensions.get(AS_OF)),
    tags,
    intents: decodeIntents(extensions.get(INTENTS)),
  }
}

const NO_EXTENSIONS: ReadonlyMap<number, Buffer> = new Map()

/** Times, versions and epochs stay below 2^53: two reads instead of a BigInt. */
function readTime(raw: Buffer, offset: number): number {
  return raw.readUInt32BE(offset) * 0x1_0000_0000 + raw.readUInt32BE(offset + 4)
}

/** The one that an extension holds; 0 = there is no such extension. */
function timeIn(extension: Buffer | undefined): number {
  return extension === undefined ? 0 : readTime(extension, 0)
}

/** How the payload is compressed, and since when it is stale. */
function readPacked(hidden: Buffer | undefined) {
  if (hidden === undefined || hidden.length < PACKED_BYTES + 8) return undefined
  return { packed: decodePacked(hidden), sinceMs: readTime(hidden, PACKED_BYTES) }
}

function readExtensions(raw: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  let at = 0
  while (at + 5 <= raw.length) {
    const length = raw.readUInt32BE(at + 1)
    found.set(raw[at] as number, raw.subarray(at + 5, at + 5 + length))
    at += 5 + length
  }
  return found
}

/** The record as a hit at `nowMs` of its server's clock, its payload as it is stored; `undefined` when it is none. */
export function asEntry(record: EntryRecord, nowMs: number): Entry | undefined {
  if ((record.kind !== 'value' && record.kind !== 'negative') || record.hardAtMs <= nowMs) return undefined
  return {
    kind: record.kind,
    value: record.payload,
    version: record.version,
    ageMs: Math.max(0, nowMs - record.loadedAtMs),
    softTtlMs: record.softAtMs === 0 ? undefined : record.softAtMs - nowMs,
    ttlMs: record.hardAtMs - nowMs,
    tags: record.tags,
  }
}

/** What the record offers to a reader who takes a stale answer: the payload it kept, or the value that expired, as it is stored. */
export function asStale(record: EntryRecord, nowMs: number): StaleEntry | undefined {
  const facts =
    record.kind === 'value' || record.kind === 'negative'
      ? { kind: record.kind, sinceMs: record.hardAtMs, version: record.version }
      : record.stale
  if (facts === undefined) return undefined
  // One that has not expired was passed over because of its tags: how long it has been overtaken they tell.
  const sinceMs = record.tags === undefined ? facts.sinceMs : Math.min(facts.sinceMs, nowMs)
  if (sinceMs > nowMs) return undefined
  return {
    kind: facts.kind,
    value: record.payload,
    version: facts.version,
    ageMs: Math.max(0, nowMs - record.loadedAtMs),
    staleForMs: nowMs - sinceMs,
    tags: record.tags,
  }
}
