import type { Clock } from '../base/clock.ts'
import { KeyHash } from '../base/key-hash.ts'
import type { KeyText } from '../base/key-text.ts'
import type { EvictionCause, NearCache, NearEntry, NearStats, NearView } from './near-cache.ts'
import { DOUBLES, VERSION } from './record.ts'
import { ResidentView } from './resident-view.ts'
import { type ByteBounds, Residents } from './residents.ts'

/** While more than this share of the bytes is free, anything is wanted. */
const ROOMY_SHARE = 0.1

/** What all near caches share: expiry, versions, proofs, and the statistics. */
export class ByteBoundedCache implements NearCache {
  readonly #bounds: ByteBounds
  readonly #clock: Clock
  readonly #hash: KeyHash
  readonly #evictions = { size: 0, expired: 0, dropped: 0, replaced: 0, rejected: 0, 'negative-share': 0 }
  #residents: Residents
  #view: ResidentView
  #hits = 0
  #misses = 0

  constructor(bounds: ByteBounds, clock: Clock, seed: number) {
    this.#bounds = bounds
    this.#clock = clock
    this.#hash = new KeyHash(seed)
    this.#residents = this.#none()
    this.#view = this.#viewOf(this.#residents)
  }

  get(key: string): NearEntry | undefined {
    const ref = this.#standing(this.#hash.of(key), key, this.#clock.now())
    if (ref === 0) {
      this.#misses += 1
      return undefined
    }
    this.#view.over(ref).hit()
    return this.#entryOf(ref)
  }

  view(key: KeyText, now: number): NearView | undefined {
    const ref = this.#residents.findText(this.#hash.ofText(key), key)
    if (ref === 0 || this.#residents.records.expiresAt(ref) < now) return undefined
    return this.#view.over(ref)
  }

  peek(key: string): NearEntry | undefined {
    const ref = this.#residents.find(this.#hash.of(key), key)
    return ref === 0 || this.#residents.records.expiresAt(ref) < this.#clock.now() ? undefined : this.#entryOf(ref)
  }

  put(key: string, entry: NearEntry): void {
    const now = this.#clock.now()
    const hash = this.#hash.of(key)
    const standing = this.#standing(hash, key, now)
    if (standing !== 0 && this.#outranks(standing, entry)) {
      this.#evictions.rejected += 1
      return
    }
    const newcomer = this.#residents.newcomer(hash, key, entry)
    const refusal = entry.expiresAt < now ? 'expired' : this.#residents.refusal(newcomer)
    if (refusal !== undefined) {
      if (standing !== 0) this.#residents.take(standing, 'replaced')
      this.#evictions[refusal] += 1
      return
    }
    const entered =
      standing === 0 ? this.#residents.enter(newcomer, now) : this.#residents.replace(standing, newcomer, now)
    if (!entered) this.#evictions.rejected += 1
  }

  wants(key: string): boolean {
    const hash = this.#hash.of(key)
    const { arena } = this.#residents.records
    return (
      arena.freeBytes > this.#bounds.maxBytes * ROOMY_SHARE ||
      this.#residents.wants(hash) ||
      this.#residents.find(hash, key) !== 0
    )
  }

  drop(key: string): void {
    const ref = this.#residents.find(this.#hash.of(key), key)
    if (ref !== 0) this.#residents.take(ref, 'dropped')
  }

  clear(): void {
    this.#evictions.dropped += this.#residents.count
    // A new arena, untouched, rather than the old one emptied: so the memory goes back.
    this.#residents = this.#none()
    this.#view = this.#viewOf(this.#residents)
  }

  stats(): NearStats {
    return {
      bytes: this.#residents.records.arena.touchedBytes,
      limitBytes: this.#bounds.maxBytes,
      entries: this.#residents.count,
      hits: this.#hits,
      misses: this.#misses,
      evictions: { ...this.#evictions },
    }
  }

  #viewOf(residents: Residents): ResidentView {
    return new ResidentView(residents, () => {
      this.#hits += 1
    })
  }

  #none(): Residents {
    return new Residents(this.#bounds, (cause: EvictionCause) => {
      this.#evictions[cause] += 1
    })
  }

  /** The record under the key; one that has expired is taken out, as if it had left at that moment. */
  #standing(hash: number, key: string, now: number): number {
    const ref = this.#residents.find(hash, key)
    if (ref === 0 || this.#residents.records.expiresAt(ref) >= now) return ref
    this.#residents.take(ref, 'expired')
    return 0
  }

  #outranks(standing: number, entry: NearEntry): boolean {
    const { doubles } = this.#residents.records.arena
    const version = doubles[standing * DOUBLES + VERSION]!
    const comparable = version !== 0 && entry.version !== 0 && version !== entry.version
    return comparable
      ? version > entry.version
      : this.#view.over(standing).asOf > Math.max(entry.asOf, entry.proof?.provenAt ?? entry.asOf)
  }

  #entryOf(ref: number): NearEntry {
    const { kind, version, asOf, loadedAt, freshUntil, tagged } = this.#view.over(ref)
    const { records } = this.#residents
    const entry = {
      kind,
      value: records.value(ref),
      version,
      asOf,
      loadedAt,
      freshUntil,
      expiresAt: records.expiresAt(ref),
    }
    const proof = this.#residents.proofOf(ref)
    if (tagged) return { ...entry, proof, tagged }
    return proof === undefined ? entry : { ...entry, proof }
  }
}
