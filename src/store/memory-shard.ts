import type { Clock } from '../base/clock.ts'
import { asEntry, asStale, type EntryRecord } from './record.ts'
import type {
  Acquired,
  AcquireOptions,
  Content,
  Filled,
  PutOptions,
  PutResult,
  Shard,
  ShardRead,
  ShardState,
  ShardStats,
} from './shard.ts'

export interface MemoryShardOptions {
  readonly name: string
  /** Bound on keys and payloads; over it the entries that were written longest ago go first. */
  readonly maxBytes: number
  /** This shard's own clock is ahead of the sidecar's wall clock by so much; shards' clocks differ in real life. */
  readonly skewMs?: number
}

interface Slot {
  readonly record: EntryRecord
  /** When the key goes, on this shard's clock. */
  readonly goneAtMs: number
}

/** How long an invalidation is remembered, as in `scripts/record.lua`. */
const TOMBSTONE_TTL_MS = 10_000
const FLOOR_AHEAD_US = 60_000_000
const SLOT_BYTES = 400
const EMPTY = Buffer.alloc(0)

/** A shard in process: the same semantics as the scripts, for the embedded default and for simulations. */
export class MemoryShard implements Shard {
  readonly name: string
  readonly #maxBytes: number
  readonly #clock: Clock
  readonly #startedMs: number
  readonly #slots = new Map<string, Slot>()
  readonly #locks = new Map<string, number>()
  #bytes = 0
  #reads = 0
  #evicted = 0
  #floor = 0

  constructor(options: MemoryShardOptions, clock: Clock) {
    this.name = options.name
    this.#maxBytes = options.maxBytes
    this.#clock = clock
    this.#startedMs = clock.wall() - clock.now() + (options.skewMs ?? 0)
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.#slots.clear()
    this.#locks.clear()
    this.#bytes = 0
  }

  state(): ShardState {
    return { up: true, warnings: [] }
  }

  stats(): ShardStats {
    return {
      reads: this.#reads,
      malformed: 0,
      memoryBytes: this.#bytes,
      memoryLimitBytes: this.#maxBytes,
      fragmentationRatio: undefined,
      evictedKeys: this.#evicted,
      errors: new Map(),
    }
  }

  async read(key: string): Promise<ShardRead> {
    this.#reads += 1
    const sentAt = this.#clock.now()
    const record = this.#get(key)
    const entry = record && asEntry(record, this.#nowMs())
    return entry === undefined ? { found: false, sentAt } : { found: true, entry, sentAt }
  }

  async acquire(key: string, { token, leaseTtlMs }: AcquireOptions): Promise<Acquired> {
    const sentAt = this.#clock.now()
    const now = this.#nowMs()
    const old = this.#get(key)
    const entry = old && asEntry(old, now)
    if (entry !== undefined) return { outcome: 'value', entry, sentAt }
    const stale = old && asStale(old, now)
    if (old?.kind === 'lease' && old.hardAtMs > now && !old.token?.equals(token)) {
      return { outcome: 'busy', leaseTtlMs: old.hardAtMs - now, stale, sentAt }
    }
    const keptMs = stale === undefined ? 0 : (this.#slots.get(key)?.goneAtMs ?? now) - now
    const ttlMs = Math.ceil(leaseTtlMs)
    this.#mark(key, 'lease', old, {
      version: old?.version ?? 0,
      ttlMs: Math.max(ttlMs * 2, keptMs),
      hardInMs: ttlMs,
      token,
    })
    return { outcome: 'granted', stale, sentAt }
  }

  async fill(key: string, token: Buffer, content: Content): Promise<Filled> {
    const old = this.#get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token)) return { outcome: 'lost' }
    return { outcome: 'filled', version: this.#store(key, old, content) }
  }

  async put(key: string, content: Content, options: PutOptions = {}): Promise<PutResult> {
    const old = this.#get(key)
    if (options.ifVersion !== undefined) {
      const live = old === undefined ? undefined : asEntry(old, this.#nowMs())
      const version = live?.version ?? 0
      if (version !== options.ifVersion) return { outcome: 'version-mismatch', version }
    }
    return { outcome: 'stored', version: this.#store(key, old, content) }
  }

  async invalidate(key: string, { staleKeepMs }: { readonly staleKeepMs: number }): Promise<number> {
    const old = this.#get(key)
    const version = this.#nextVersion(old)
    const since = old && this.#staleSince(old)
    const leftMs = since === undefined ? 0 : Math.ceil(staleKeepMs) - (this.#nowMs() - since)
    this.#mark(key, 'tombstone', leftMs > 0 ? old : undefined, {
      version,
      ttlMs: Math.max(TOMBSTONE_TTL_MS, leftMs),
      hardInMs: TOMBSTONE_TTL_MS,
    })
    return version
  }

  async release(key: string, token: Buffer): Promise<void> {
    const old = this.#get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token)) return
    const ttlMs = Math.max(TOMBSTONE_TTL_MS, (this.#slots.get(key)?.goneAtMs ?? 0) - this.#nowMs())
    this.#mark(key, 'tombstone', old, { version: old.version, ttlMs, hardInMs: TOMBSTONE_TTL_MS })
  }

  async lock(key: string, ttlMs: number): Promise<boolean> {
    const now = this.#nowMs()
    if ((this.#locks.get(key) ?? 0) > now) return false
    for (const [other, until] of this.#locks) if (until <= now) this.#locks.delete(other)
    this.#locks.set(key, now + ttlMs)
    return true
  }

  #nowUs(): number {
    return Math.floor((this.#startedMs + this.#clock.now()) * 1_000)
  }

  #nowMs(): number {
    return Math.floor(this.#nowUs() / 1_000)
  }

  #get(key: string): EntryRecord | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (slot.goneAtMs > this.#nowMs()) return slot.record
    this.#remove(key, slot)
    return undefined
  }

  /** When what could be served stale of a record stopped being current; `undefined` when there is nothing. */
  #staleSince(record: EntryRecord): number | undefined {
    if (record.kind === 'value' || record.kind === 'negative') return Math.min(record.hardAtMs, this.#nowMs())
    return record.stale?.sinceMs
  }

  #nextVersion(old: EntryRecord | undefined): number {
    const now = this.#nowUs()
    const version = Math.max(now, old === undefined ? 0 : old.version + 1, Math.min(this.#floor, now + FLOOR_AHEAD_US))
    this.#floor = Math.max(this.#floor, version)
    return version
  }

  #store(key: string, old: EntryRecord | undefined, content: Content): number {
    const now = this.#nowMs()
    const version = this.#nextVersion(old)
    const ttlMs = Math.ceil(content.ttlMs)
    this.#write(key, ttlMs + Math.ceil(content.staleKeepMs), {
      kind: content.kind,
      loadCostMs: Math.ceil(content.loadCostMs),
      version,
      loadedAtMs: now - Math.ceil(content.loadedAgoMs),
      softAtMs: content.softTtlMs === undefined ? 0 : now + Math.max(1, Math.ceil(content.softTtlMs)),
      hardAtMs: now + ttlMs,
      payload: Buffer.from(content.value),
      stale: undefined,
      token: undefined,
    })
    return version
  }

  /** Writes a tombstone or a lease that keeps what `from` can still give stale. */
  #mark(
    key: string,
    kind: 'tombstone' | 'lease',
    from: EntryRecord | undefined,
    mark: { readonly version: number; readonly ttlMs: number; readonly hardInMs: number; readonly token?: Buffer },
  ): void {
    const since = from && this.#staleSince(from)
    const kept = from !== undefined && since !== undefined
    const live = from?.kind === 'value' || from?.kind === 'negative' ? from : undefined
    const stale = live === undefined ? from?.stale : { kind: live.kind as 'value' | 'negative', version: live.version }
    this.#write(key, mark.ttlMs, {
      kind,
      loadCostMs: 0,
      version: mark.version,
      loadedAtMs: kept ? from.loadedAtMs : 0,
      softAtMs: 0,
      hardAtMs: this.#nowMs() + mark.hardInMs,
      payload: kept ? from.payload : EMPTY,
      stale: kept && stale !== undefined ? { ...stale, sinceMs: since } : undefined,
      token: mark.token,
    })
  }

  #write(key: string, ttlMs: number, record: EntryRecord): void {
    const old = this.#slots.get(key)
    if (old !== undefined) this.#remove(key, old)
    this.#slots.set(key, { record, goneAtMs: this.#nowMs() + ttlMs })
    this.#bytes += sizeOf(key, record)
    for (const [oldest, slot] of this.#slots) {
      if (this.#bytes <= this.#maxBytes) break
      this.#remove(oldest, slot)
      this.#evicted += 1
    }
  }

  #remove(key: string, slot: Slot): void {
    this.#slots.delete(key)
    this.#bytes -= sizeOf(key, slot.record)
  }
}

function sizeOf(key: string, record: EntryRecord): number {
  return SLOT_BYTES + key.length + record.payload.length
}
