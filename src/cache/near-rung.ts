import type { Clock } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import type { NearCache, NearEntry } from '../near/near-cache.ts'
import type { Answer } from './cache.ts'
import type { Landing } from './landing.ts'
import type { Lookup } from './lookup.ts'
import type { OwnChanges } from './own-changes.ts'

/** While somebody refreshes an entry, the near cache goes on answering it for so long before it looks again. */
const REFRESH_GRACE_MS = 1_000

/** The first rung: what the near cache may answer, and what it may be given. */
export class NearRung {
  readonly #near: NearCache
  readonly #changes: OwnChanges
  readonly #clock: Clock

  constructor(near: NearCache, changes: OwnChanges, clock: Clock) {
    this.#near = near
    this.#changes = changes
    this.#clock = clock
  }

  /** An answer within the reader's bound. */
  read(lookup: Lookup): Answer | undefined {
    if (!lookup.policy.near || lookup.notBefore >= lookup.begunAt) return undefined
    const entry = this.#near.get(lookup.physicalKey)
    if (entry === undefined || entry.asOf < lookup.notBefore || entry.freshUntil <= lookup.begunAt) return undefined
    return answer(entry, false)
  }

  /** Something older than the bound, where the policy would rather have that than an error. */
  readStale(lookup: Lookup): Landing | undefined {
    if (!lookup.policy.near || lookup.policy.degradedMs === 0) return undefined
    const entry = this.#near.get(lookup.physicalKey)
    if (entry === undefined || this.#clock.now() - entry.asOf > lookup.policy.degradedMs) return undefined
    return answer(entry, true)
  }

  /** Keeps what was read from the home shard, or loaded, at `asOf`; not what an own change has overtaken meanwhile. */
  admit(lookup: Lookup, entry: Entry, asOf: number): void {
    const { policy, physicalKey } = lookup
    if (!policy.near || this.#changes.since(physicalKey, asOf)) return
    const now = this.#clock.now()
    const softMs = entry.softTtlMs === undefined ? Number.POSITIVE_INFINITY : entry.softTtlMs
    const freshUntil = Math.min(
      asOf + policy.boundMs,
      now + entry.ttlMs,
      now + (softMs > 0 ? softMs : REFRESH_GRACE_MS),
    )
    this.#near.put(physicalKey, {
      kind: entry.kind,
      value: entry.value,
      version: entry.version,
      asOf,
      loadedAt: now - entry.ageMs,
      freshUntil,
      expiresAt: Math.max(freshUntil, asOf + policy.degradedMs),
    })
  }

  drop(physicalKey: string): void {
    this.#near.drop(physicalKey)
  }
}

function answer(entry: NearEntry, degraded: boolean): Omit<Answer, 'lease'> {
  return {
    outcome: entry.kind === 'value' ? 'found' : 'not-found',
    value: entry.value,
    source: 'near',
    version: entry.version,
    asOf: entry.asOf,
    loadedAt: entry.loadedAt,
    degraded,
  }
}
