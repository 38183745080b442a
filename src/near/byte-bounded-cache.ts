import type { Clock } from '../base/clock.ts'
import { entryBytes } from './entry-cost.ts'
import type { EvictionPolicy } from './eviction-policy.ts'
import { KeyIndex } from './key-index.ts'
import type { EvictionCause, NearCache, NearEntry, NearStats } from './near-cache.ts'
import { NegativeLine } from './negative-line.ts'
import { Slot } from './slot.ts'

export interface ByteBounds {
  readonly maxBytes: number
  /** Share of `maxBytes`, 0..1, that negative entries may take. */
  readonly negativeShare: number
  readonly policy: EvictionPolicy
}

/** What all near caches share: the index, the byte bound, expiry, versions and the share of the negatives. */
export class ByteBoundedCache implements NearCache {
  readonly #clock: Clock
  readonly #policy: EvictionPolicy
  readonly #maxBytes: number
  readonly #negativeLimit: number
  readonly #index = new KeyIndex<Slot>()
  readonly #negatives = new NegativeLine()
  readonly #evictions = { size: 0, expired: 0, dropped: 0, replaced: 0, rejected: 0, 'negative-share': 0 }
  #bytes = 0
  #entries = 0
  #hits = 0
  #misses = 0

  constructor(bounds: ByteBounds, clock: Clock) {
    this.#clock = clock
    this.#policy = bounds.policy
    this.#maxBytes = bounds.maxBytes
    this.#negativeLimit = bounds.maxBytes * bounds.negativeShare
  }

  get(key: string): NearEntry | undefined {
    const slot = this.#index.get(key)
    if (slot === undefined) {
      this.#misses += 1
      return undefined
    }
    if (slot.entry.expiresAt < this.#clock.now()) {
      this.#take(slot, 'expired')
      this.#misses += 1
      return undefined
    }
    this.#hits += 1
    this.#policy.hit(slot)
    return provenNow(slot.entry)
  }

  peek(key: string): NearEntry | undefined {
    const entry = this.#index.get(key)?.entry
    return entry === undefined || entry.expiresAt < this.#clock.now() ? undefined : provenNow(entry)
  }

  wants(key: string): boolean {
    return this.#index.get(key) !== undefined || this.#bytes < 0.9 * this.#maxBytes
  }

  put(key: string, entry: NearEntry): void {
    const now = this.#clock.now()
    const standing = this.#standing(key, now)
    if (standing !== undefined && outranks(standing.entry, entry)) {
      this.#evictions.rejected += 1
      return
    }
    const bytes = entryBytes(key, entry)
    const refusal = this.#refusal(entry, bytes, now)
    if (refusal !== undefined) {
      if (standing !== undefined) this.#take(standing, 'replaced')
      this.#evictions[refusal] += 1
      return
    }
    if (standing === undefined) this.#enter(new Slot(key, copyOf(entry), bytes), now)
    else this.#replace(standing, copyOf(entry), bytes, now)
  }

  drop(key: string): void {
    const slot = this.#index.get(key)
    if (slot !== undefined) this.#take(slot, 'dropped')
  }

  clear(): void {
    this.#evictions.dropped += this.#entries
    this.#index.clear()
    this.#negatives.clear()
    this.#policy.clear()
    this.#bytes = 0
    this.#entries = 0
  }

  stats(): NearStats {
    return {
      bytes: this.#bytes,
      limitBytes: this.#maxBytes,
      entries: this.#entries,
      hits: this.#hits,
      misses: this.#misses,
      evictions: { ...this.#evictions },
    }
  }

  /** The slot under the key; one that has expired is taken out, as if it had left at that moment. */
  #standing(key: string, now: number): Slot | undefined {
    const slot = this.#index.get(key)
    if (slot === undefined || slot.entry.expiresAt >= now) return slot
    this.#take(slot, 'expired')
    return undefined
  }

  #refusal(entry: NearEntry, bytes: number, now: number): EvictionCause | undefined {
    if (entry.expiresAt < now) return 'expired'
    if (bytes > this.#maxBytes) return 'rejected'
    return entry.kind === 'negative' && bytes > this.#negativeLimit ? 'negative-share' : undefined
  }

  #enter(slot: Slot, now: number): void {
    if (!this.#policy.admits(slot)) {
      this.#evictions.rejected += 1
      return
    }
    this.#keepNegativeShare(slot)
    while (this.#bytes + slot.bytes > this.#maxBytes) this.#evict(slot, now)
    this.#policy.add(slot)
    this.#index.set(slot.key, slot)
    this.#negatives.join(slot)
    this.#bytes += slot.bytes
    this.#entries += 1
  }

  #replace(slot: Slot, entry: NearEntry, bytes: number, now: number): void {
    const bytesBefore = slot.bytes
    this.#negatives.leave(slot)
    slot.entry = entry
    slot.bytes = bytes
    this.#keepNegativeShare(slot)
    this.#negatives.join(slot)
    this.#bytes += bytes - bytesBefore
    this.#policy.resized(slot, bytesBefore)
    this.#evictions.replaced += 1
    while (this.#bytes > this.#maxBytes) {
      if (this.#evict(undefined, now) !== slot) continue
      // An entry that grew and was itself the next to go comes back as a newcomer, for whom others make room.
      this.#enter(slot, now)
      return
    }
  }

  /** Makes room in the share of the negatives for a slot that is not in their line yet. */
  #keepNegativeShare(slot: Slot): void {
    if (slot.entry.kind !== 'negative') return
    while (this.#negatives.bytes + slot.bytes > this.#negativeLimit) {
      this.#take(this.#negatives.oldest!, 'negative-share')
    }
  }

  #evict(newcomer: Slot | undefined, now: number): Slot {
    const victim = this.#policy.evict(newcomer, now)!
    this.#forget(victim, victim.entry.expiresAt < now ? 'expired' : 'size')
    return victim
  }

  #take(slot: Slot, cause: EvictionCause): void {
    this.#policy.remove(slot)
    this.#forget(slot, cause)
  }

  #forget(slot: Slot, cause: EvictionCause): void {
    this.#index.delete(slot.key)
    this.#negatives.leave(slot)
    this.#bytes -= slot.bytes
    this.#entries -= 1
    this.#evictions[cause] += 1
  }
}

function outranks(standing: NearEntry, entry: NearEntry): boolean {
  const comparable = standing.version !== 0 && entry.version !== 0 && standing.version !== entry.version
  return comparable ? standing.version > entry.version : provenNow(standing).asOf > provenNow(entry).asOf
}

const NO_BYTES = Buffer.alloc(0)

function copyOf(entry: NearEntry): NearEntry {
  return {
    kind: entry.kind,
    value: copyOfBytes(entry.value),
    version: entry.version,
    asOf: entry.asOf,
    loadedAt: entry.loadedAt,
    freshUntil: entry.freshUntil,
    expiresAt: entry.expiresAt,
    ...(entry.proof === undefined ? {} : { proof: entry.proof }),
  }
}

function provenNow(entry: NearEntry): NearEntry {
  if (entry.proof === undefined || entry.proof.provenAt <= entry.asOf) return entry
  return { ...entry, asOf: entry.proof.provenAt }
}

function copyOfBytes(bytes: Buffer): Buffer {
  if (bytes.length === 0) return NO_BYTES
  // Not from the pool: a small value must not pin the 8 KiB that it would be cut from.
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}
