import type { Entry } from '../base/entry.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Content } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import { Behind } from './behind.ts'
import type { Keeping } from './keeping.ts'
import { entryOf, type LoadedLanding, type Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { ReadTally } from './read-tally.ts'
import type { Tagging } from './tagging.ts'

/** `wasted`: stored too, but the origin had the same bytes as before. */
export const REFRESH_RESULTS = ['stored', 'wasted', 'overtaken', 'elsewhere', 'failed'] as const
export type RefreshResult = (typeof REFRESH_RESULTS)[number]

export interface RefresherOptions {
  /** The name of the lock that makes one sidecar of the fleet refresh a key. */
  readonly lockName: (physicalKey: string) => string
  /** How long that lock stands: about as long as a load may take. */
  readonly lockMs: number
  /** Larger values are not stored. */
  readonly maxValueBytes: number
}

export interface RefresherParts {
  readonly store: Tier
  readonly loads: Loads
  readonly tagging: Tagging
  readonly near: NearRung
  readonly keeping: Keeping
  readonly tally: ReadTally
  readonly log: Log
}

/** However often a refresh was wasted, the next one still leads expiry by so much. */
const LEAST_LEAD_MS = 1_000

/**
 * Refreshes entries behind their readers, ahead of expiry. The lock is a key of its own, and the new value goes in only
 * over the version it replaces: an invalidation or a write in between wins.
 */
export class Refresher {
  readonly #options: RefresherOptions
  readonly #parts: RefresherParts
  readonly #behind = new Behind(REFRESH_RESULTS)

  constructor(options: RefresherOptions, parts: RefresherParts) {
    this.#options = options
    this.#parts = parts
  }

  get results(): Readonly<Record<RefreshResult, number>> {
    return this.#behind.results
  }

  /** Returns at once; the refresh goes on behind. */
  refresh(lookup: Lookup, entry: Entry): void {
    const { physicalKey, policy } = lookup
    if (policy.origin === undefined) return
    const work = () => this.#run(lookup, entry)
    this.#behind.run(physicalKey, work, (error) => {
      this.#parts.log.debug({ keyspace: policy.name, reason: RingsideError.from(error).reason }, 'refresh failed')
      return 'failed'
    })
  }

  async #run(lookup: Lookup, entry: Entry): Promise<RefreshResult> {
    const { store, loads, tagging, near, keeping, tally } = this.#parts
    const { lockName, lockMs, maxValueBytes } = this.#options
    const shard = store.home(lookup.physicalKey)
    if (!(await shard.lock(lockName(lookup.physicalKey), lockMs))) return 'elsewhere'
    const mark = near.mark()
    const loaded = await loads.load(lookup, 'refresh')
    const isWasted = isSame(entry, loaded)
    const fresh = loads.content(lookup.policy, loaded)
    const untagged = fresh && isWasted ? later(fresh, entry) : fresh
    if (untagged === undefined || untagged.value.length > maxValueBytes) return 'failed'
    const tagged = await tagging.tagged(lookup, loaded.tags, loaded.asOf)
    if (tagged.outcome !== 'tagged') return 'overtaken'
    const content = { ...untagged, tags: tagged.tags }
    const put = await shard.put(lookup.physicalKey, content, { ifVersion: entry.version })
    if (put.outcome === 'version-mismatch') return 'overtaken'
    if (put.outcome === 'held') return 'overtaken'
    near.admit(lookup, { entry: entryOf(content, loaded, put.version), asOf: loaded.asOf }, mark)
    keeping.keep(lookup)
    tally.stored(lookup.policy.name, content.value.length)
    return isWasted ? 'wasted' : 'stored'
  }
}

function isSame(entry: Entry, loaded: LoadedLanding): boolean {
  return loaded.outcome === (entry.kind === 'value' ? 'found' : 'not-found') && entry.value.equals(loaded.value)
}

/** Halves the lead over expiry at which the next refresh is due: values that do not change are refreshed later and later. */
function later(content: Content, { softTtlMs, ttlMs }: Entry): Content {
  if (softTtlMs === undefined || content.softTtlMs === undefined) return content
  const leadMs = Math.max(LEAST_LEAD_MS, Math.min(content.ttlMs - content.softTtlMs, (ttlMs - softTtlMs) / 2))
  return { ...content, softTtlMs: Math.max(content.softTtlMs, content.ttlMs - leadMs) }
}
