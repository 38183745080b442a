import type { Clock } from '../base/clock.ts'
import type { Entry } from '../base/entry.ts'
import type { KeyText } from '../base/key-text.ts'
import type { Rules } from '../base/rules.ts'
import type { NearCache, NearEntry, NearView } from '../near/near-cache.ts'
import type { ChannelProof } from '../store/channel-proof.ts'
import type { Answer } from './cache.ts'
import type { Landing } from './landing.ts'
import type { Lookup } from './lookup.ts'
import { NearTags } from './near-tags.ts'
import type { Mark, RecentChanges } from './recent-changes.ts'
import { type TagStamp, TagStates } from './tag-states.ts'

/** While somebody refreshes an entry, the near cache goes on answering it for so long before it looks again. */
const REFRESH_GRACE_MS = 1_000

/** So much of what the near cache may take goes beside it for what is known of tags, and again for what ties entries to that. */
const TIES_SHARE = 1 / 8

/** What is known of tags saves a round trip without a near cache, too. */
const LEAST_STATES_BYTES = 1 << 20

/** How an entry came to this sidecar. */
export interface Provenance {
  readonly entry: Entry
  readonly asOf: number
  /** What goes on vouching for it; `undefined` where nothing does, and its `asOf` stays what it is. */
  readonly proof?: ChannelProof | undefined
}

/** What of a lookup says where in the near cache its key is. */
export type NearKey = Pick<Lookup, 'policy' | 'physicalKey'>

/** The first rung: what the near cache may answer, what it may be given, and what it must let go. */
export class NearRung {
  readonly #near: NearCache
  readonly #changes: RecentChanges
  readonly #clock: Clock
  readonly #rules: Rules
  readonly #states: TagStates
  readonly #tags: NearTags

  constructor(near: NearCache, changes: RecentChanges, clock: Clock, rules: Rules) {
    this.#near = near
    this.#changes = changes
    this.#clock = clock
    this.#rules = rules
    const mostBytes = near.stats().limitBytes * TIES_SHARE
    this.#states = new TagStates(Math.max(mostBytes, LEAST_STATES_BYTES))
    this.#tags = new NearTags(this.#states, rules, mostBytes)
  }

  /** What was read of tags, and has not moved since. */
  get tags(): Pick<TagStates, 'stampOf'> {
    return this.#states
  }

  /** Bytes beside the near cache that entries with tags hang on. */
  get tieBytes(): number {
    return this.#tags.bytes + this.#states.bytes
  }

  /** An answer within the reader's bound. */
  read(lookup: Lookup): Answer | undefined {
    if (!lookup.policy.near || lookup.notBefore >= lookup.begunAt) return undefined
    const entry = this.#near.get(lookup.physicalKey)
    if (entry === undefined || !isFreshFor(entry, lookup)) return undefined
    if (!entry.tagged) return answer(entry, entry.asOf, false)
    const asOf = this.#asOf(lookup.physicalKey, entry)
    return asOf < lookup.notBefore ? undefined : answer(entry, asOf, false)
  }

  /** The same where it lies, for those who copy it themselves, unless it carries tags; a hit for the near cache if there is one. */
  view(key: KeyText, boundMs: number, begunAt: number): NearView | undefined {
    if (boundMs <= 0) return undefined
    const view = this.#near.view(key, begunAt)
    if (view === undefined || view.asOf < begunAt - boundMs || view.freshUntil <= begunAt) return undefined
    // To look for its tags takes its key as text.
    if (view.tagged) return undefined
    view.hit()
    return view
  }

  /** Something older than the bound, where the policy would rather have that than an error. */
  readStale(lookup: Lookup): Landing | undefined {
    const { policy, physicalKey, leastVersion } = lookup
    if (!policy.near || policy.degradedMs === 0) return undefined
    const entry = this.#near.get(physicalKey)
    if (entry === undefined || entry.version < leastVersion) return undefined
    // What keeps vouching for an entry says that it was not changed, not that it has not expired.
    const asOf = Math.min(entry.tagged ? this.#asOf(physicalKey, entry) : entry.asOf, entry.freshUntil)
    if (this.#clock.now() - asOf > policy.degradedMs) return undefined
    return answer(entry, asOf, true)
  }

  /** Whether an entry is likely to stay if it is read now: only then is it worth being tracked. */
  wants({ policy, physicalKey }: NearKey): boolean {
    return policy.near && this.#near.wants(physicalKey)
  }

  /** To be asked for before what is to be admitted is sent for. */
  mark(): Mark {
    return this.#changes.mark()
  }

  /** Keeps what was read from the home shard, or loaded; not what has been overtaken since the mark was taken. */
  admit({ policy, physicalKey }: NearKey, { entry, asOf, proof }: Provenance, mark: Mark): void {
    if (!policy.near || proof?.lost || this.#changes.since(physicalKey, mark)) return
    const now = this.#clock.now()
    const softMs = entry.softTtlMs === undefined ? Number.POSITIVE_INFINITY : entry.softTtlMs
    if (entry.tags !== undefined) this.#tags.tie(physicalKey, entry.version, entry.tags)
    const freshUntil = Math.min(now + entry.ttlMs, now + (softMs > 0 ? softMs : REFRESH_GRACE_MS))
    this.#near.put(physicalKey, {
      kind: entry.kind,
      value: entry.value,
      version: entry.version,
      asOf,
      loadedAt: now - entry.ageMs,
      freshUntil,
      expiresAt: freshUntil + policy.degradedMs,
      proof,
      tagged: entry.tags !== undefined,
      group: policy.nearGroup,
    })
  }

  /** Keeps what was read of a tag, unless that has been overtaken since the mark was taken. */
  keepTag(name: string, stamp: TagStamp, mark: Mark): void {
    if (stamp.proof?.lost || this.#changes.since(name, mark)) return
    this.#states.keep(name, stamp)
  }

  /** When this sidecar heard last of a change of the key, if it has of late; else -Infinity. */
  changedAt(physicalKey: string): number {
    return this.#changes.lastOf(physicalKey)
  }

  /** This sidecar is changing the key itself. */
  drop(physicalKey: string): void {
    this.#changes.note(physicalKey)
    this.#drop(physicalKey)
  }

  /** What is under way is not to be kept: nobody may be told any more of what has overtaken it. */
  overtaken(): void {
    this.#changes.noteAll()
  }

  /** A shard told that the key was changed; `undefined`: that any may have been. */
  changed(physicalKey: string | undefined): void {
    if (physicalKey === undefined) {
      if (this.#rules.poison) this.#changes.noteAll()
      this.#near.clear()
      this.#states.clear()
      this.#tags.clear()
      return
    }
    if (this.#rules.poison) this.#changes.note(physicalKey)
    this.#drop(physicalKey)
  }

  /** The name of a key, or of the record of a tag. */
  #drop(name: string): void {
    this.#near.drop(name)
    this.#tags.untie(name)
    this.#states.drop(name)
  }

  #asOf(physicalKey: string, { asOf, version }: NearEntry): number {
    return Math.min(asOf, this.#tags.asOf(physicalKey, version))
  }
}

function isFreshFor(entry: Pick<NearView, 'asOf' | 'freshUntil' | 'version'>, lookup: Lookup): boolean {
  return entry.asOf >= lookup.notBefore && entry.freshUntil > lookup.begunAt && entry.version >= lookup.leastVersion
}

function answer(entry: NearEntry, asOf: number, degraded: boolean): Omit<Answer, 'lease'> {
  return {
    outcome: entry.kind === 'value' ? 'found' : 'not-found',
    value: entry.value,
    source: 'near',
    version: entry.version,
    asOf,
    loadedAt: entry.loadedAt,
    degraded,
  }
}
