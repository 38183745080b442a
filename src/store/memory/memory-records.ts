import type { Rules } from '../../base/rules.ts'
import { isTagName } from '../../keyspace/physical-key.ts'
import type { CopyFill } from '../copy-lease.ts'
import type { Epoch } from '../epoch.ts'
import type { Flushed } from '../flushing.ts'
import type { ArgumentsOf, Operations } from '../operations.ts'
import { asEntry, type EntryRecord } from '../record.ts'
import type { StoredContent } from '../stored-content.ts'
import type { MemoryEntries } from './memory-entries.ts'
import { MemoryIntents } from './memory-intents.ts'
import {
  carried,
  copyOf,
  heldUntil,
  holdOf,
  isPending,
  isUsable,
  lastOf,
  marker,
  nextVersion,
  overlapped,
  stored,
  TOMBSTONE_TTL_MS,
  tagRecord,
} from './memory-record.ts'
import type { MemoryTags } from './memory-tags.ts'
import type { MemoryClient, MemoryTracking } from './memory-tracking.ts'

/** When to ask again for what its origin does not have yet, as in `redis/scripts/acquire.lua`. */
const PENDING_BUSY_MS = 100

export interface MemoryRecordsParts {
  readonly entries: MemoryEntries
  readonly tracking: MemoryTracking
  readonly tags: MemoryTags
  readonly rules: Rules
  /** The server's own TIME, in µs. */
  readonly timeUs: () => number
}

/** What the scripts do to the record of one key, done in process. */
export class MemoryRecords {
  readonly #entries: MemoryEntries
  readonly #tracking: MemoryTracking
  readonly #tags: MemoryTags
  readonly #rules: Rules
  readonly #timeUs: () => number
  readonly #intents: MemoryIntents

  constructor({ entries, tracking, tags, rules, timeUs }: MemoryRecordsParts) {
    this.#entries = entries
    this.#tracking = tracking
    this.#tags = tags
    this.#rules = rules
    this.#timeUs = timeUs
    this.#intents = new MemoryIntents(this, rules, timeUs)
  }

  #nowMs(): number {
    return Math.floor(this.#timeUs() / 1_000)
  }

  get(key: string): EntryRecord | undefined {
    return this.#entries.get(key, this.#nowMs())
  }

  read(key: string, client: MemoryClient): EntryRecord | undefined {
    const record = this.get(key)
    this.#tracking.add(key, client)
    return record
  }

  acquire(
    { key, token, leaseTtlMs, epochs, leastVersion }: ArgumentsOf<'acquire'>,
    client: MemoryClient,
  ): Operations['acquire']['result'] {
    const now = this.#nowMs()
    const old = this.read(key, client)
    const value = old && isUsable(old, epochs) && old.version >= leastVersion ? asEntry(old, now) : undefined
    if (value !== undefined) return { outcome: 'value', record: old, leaseLeftMs: 0, holdLeftMs: 0 }
    if (old !== undefined && isPending(old)) {
      return { outcome: 'busy', record: old, leaseLeftMs: PENDING_BUSY_MS, holdLeftMs: 0 }
    }
    const holdLeftMs = Math.max(0, heldUntil(old, now) - now)
    const epoch = epochs[0] as Epoch
    if (old?.kind === 'lease' && old.epoch === epoch && old.hardAtMs > now && !old.token?.equals(token)) {
      return { outcome: 'busy', record: old, leaseLeftMs: old.hardAtMs - now, holdLeftMs }
    }
    const ttlMs = Math.ceil(leaseTtlMs)
    const lease = marker('lease', old, {
      nowMs: now,
      epoch,
      version: old?.version ?? 0,
      hardAtMs: now + ttlMs,
      token,
      holdUntilMs: holdOf(old, now),
      intents: carried(old, epoch, now),
    })
    const keptMs = lease.stale === undefined ? 0 : this.#entries.leftMs(key, now)
    this.write(key, lease, Math.max(ttlMs * 2, holdLeftMs, keptMs))
    return { outcome: 'granted', record: lease.stale === undefined ? undefined : old, leaseLeftMs: ttlMs, holdLeftMs }
  }

  fill({ key, token, floor, epoch, content }: ArgumentsOf<'fill'>): Operations['fill']['result'] {
    const old = this.get(key)
    const isOurs = old?.kind === 'lease' && old.token?.equals(token) === true && old.epoch === epoch
    if (this.#rules.leaseCheck && !isOurs) return { outcome: 'lost' }
    if (this.#isHeld(old)) return { outcome: 'held', version: old?.version ?? 0 }
    return { outcome: 'filled', version: this.store(key, old, epoch, floor, content) }
  }

  put({ key, ifVersion, tooLateMs, floor, epochs, content }: ArgumentsOf<'put'>): Operations['put']['result'] {
    if (this.#nowMs() >= tooLateMs) return { outcome: 'late' }
    const old = this.get(key)
    if (ifVersion !== undefined) {
      const live = old && isUsable(old, epochs) ? asEntry(old, this.#nowMs()) : undefined
      const version = live?.version ?? 0
      if (version !== ifVersion) return { outcome: 'version-mismatch', version }
    }
    if (old !== undefined && this.#isHeld(old)) {
      this.#intents.overlap(key, old)
      return { outcome: 'held', version: old.version }
    }
    return { outcome: 'stored', version: this.store(key, old, epochs[0] as Epoch, floor, content) }
  }

  invalidate({ key, floor, epoch, staleKeepMs, holdMs }: ArgumentsOf<'invalidate'>): { version: number } {
    const now = this.#nowMs()
    const old = this.get(key)
    if (old !== undefined && isPending(old)) return { version: old.version }
    const version = nextVersion(Math.floor(this.#timeUs()), old, floor)
    const holdUntilMs = Math.max(holdMs > 0 ? now + Math.ceil(holdMs) : 0, old?.holdUntilMs ?? 0)
    const intents = overlapped(carried(old, epoch, now))
    const standsMs = Math.max(TOMBSTONE_TTL_MS, holdUntilMs - now, lastOf(intents) - now)
    const tombstone = { nowMs: now, epoch, version, hardAtMs: now + standsMs, token: undefined, holdUntilMs, intents }
    const full = marker('tombstone', old, tombstone)
    const leftMs = full.stale === undefined ? 0 : Math.ceil(staleKeepMs) - (now - full.stale.sinceMs)
    const record = leftMs > 0 ? full : marker('tombstone', undefined, tombstone)
    this.write(key, record, Math.max(standsMs, leftMs))
    if (isTagName(key)) this.#tags.note(key, version)
    return { version }
  }

  keepTag({ key, epoch, least, ttlMs }: ArgumentsOf<'keepTag'>): Operations['keepTag']['result'] {
    const facts = this.#tags.facts(key)
    const nowUs = Math.floor(this.#timeUs())
    if (facts?.epoch !== epoch) return { outcome: 'unknown', stampUs: nowUs }
    const old = this.get(key)
    if (old !== undefined && this.#isHeld(old)) return { outcome: 'held', stampUs: old.holdUntilMs * 1_000 }
    const known = old?.epoch === epoch && old.version >= least ? old : undefined
    const stampUs = known
      ? Math.max(known.version, known.holdUntilMs * 1_000)
      : Math.max(Math.min(facts.sinceMs * 1_000 + 999, nowUs), facts.stampUs, least)
    const keepMs = Math.ceil(ttlMs)
    const now = this.#nowMs()
    const stands = known?.kind === 'value' && known.version === stampUs && known.hardAtMs - now >= keepMs / 2
    if (!stands) this.write(key, tagRecord({ epoch, stampUs, nowMs: now, ttlMs: keepMs }), keepMs)
    return { outcome: 'kept', stampUs }
  }

  release(key: string, token: Buffer, epoch: Epoch): undefined {
    const now = this.#nowMs()
    const old = this.get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token)) return
    const mark = { nowMs: now, epoch, version: old.version, hardAtMs: now + TOMBSTONE_TTL_MS, token: undefined }
    const holds = { holdUntilMs: holdOf(old, now), intents: carried(old, epoch, now) }
    const record = marker('tombstone', old, { ...mark, ...holds })
    this.write(key, record, Math.max(TOMBSTONE_TTL_MS, heldUntil(old, now) - now, this.#entries.leftMs(key, now)))
  }

  intend(args: ArgumentsOf<'intend'>): undefined {
    return this.#intents.intend(args)
  }

  settle(args: ArgumentsOf<'settle'>): Operations['settle']['result'] {
    return this.#intents.settle(args)
  }

  fillCopy(copy: CopyFill): boolean {
    const { key, token, epoch } = copy
    const raisedMs = this.#rules.copyAsOfAtLease ? 0 : this.#nowMs() - copy.asOfMs
    const hardAtMs = copy.hardAtMs + raisedMs
    const old = this.get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token) || old.epoch !== epoch) return false
    const isOver = hardAtMs <= this.#nowMs()
    if (isOver) this.drop(key)
    else this.write(key, copyOf({ ...copy, hardAtMs, asOfMs: copy.asOfMs + raisedMs }), hardAtMs - this.#nowMs())
    return !isOver
  }

  write(key: string, record: EntryRecord, ttlMs: number): void {
    this.#entries.set(key, record, this.#nowMs() + ttlMs)
    this.#tracking.tell(key)
  }

  /** How long the key has still to live, in ms. */
  leftMs(key: string): number {
    return this.#entries.leftMs(key, this.#nowMs())
  }

  flush(key: string): Flushed {
    const old = this.get(key)
    if (old === undefined) return 'absent'
    const nowMs = this.#nowMs()
    if (isPending(old) || heldUntil(old, nowMs) > 0) return 'kept'
    const aheadUs = old.version - Math.floor(this.#timeUs())
    if (aheadUs < 0) this.drop(key)
    else {
      const ttlMs = Math.ceil(aheadUs / 1_000) + 1
      const { epoch, version } = old
      const mark = { nowMs, epoch, version, hardAtMs: nowMs + ttlMs, token: undefined, holdUntilMs: 0 }
      this.write(key, marker('tombstone', undefined, mark), ttlMs)
    }
    return 'removed'
  }

  drop(key: string): undefined {
    this.#entries.delete(key)
    this.#tracking.tell(key)
  }

  #isHeld(record: EntryRecord | undefined): boolean {
    return this.#rules.hold && heldUntil(record, this.#nowMs()) > 0
  }

  /** Returns the version under which it was stored. */
  store(key: string, old: EntryRecord | undefined, epoch: Epoch, floor: number, content: StoredContent): number {
    const now = this.#nowMs()
    const version = nextVersion(Math.floor(this.#timeUs()), old, floor)
    const record = stored(content, { nowMs: now, epoch, version })
    this.write(key, record, record.hardAtMs - now + Math.ceil(content.staleKeepMs))
    return version
  }
}
