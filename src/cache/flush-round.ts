import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { grouped } from '../base/grouped.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Origin, OriginChange } from '../origin/origin.ts'
import type { BacklogNames, BacklogRecord } from '../store/backlog.ts'
import { IDS_REMEMBERED_MS } from '../store/operations.ts'
import type { Packer } from '../store/packing/packer.ts'
import type { Shard } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import { livesOf } from './lives.ts'
import type { OtherVersions } from './other-versions.ts'
import { type WaitingChange, waitingChanges } from './waiting-changes.ts'

export interface FlushRoundOptions {
  readonly names: BacklogNames
  readonly policies: readonly KeyspacePolicy[]
  /** Most keys in one change of an origin. */
  readonly batchOf: (origin: string) => number
  readonly rules: Rules
}

export interface FlushRoundParts {
  readonly store: Tier
  readonly origins: ReadonlyMap<string, Origin>
  readonly otherVersions: Pick<OtherVersions, 'drop'>
  readonly packer: Packer
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** What became of keys whose changes had waited. */
export const FLUSH_RESULTS = ['stored', 'refused', 'failed'] as const
export type FlushResult = (typeof FLUSH_RESULTS)[number]

interface Patience {
  readonly failures: number
  /** When the origin is tried again. */
  readonly until: number
}

/** A change that the origin knows how to make, of one that waits. */
type Sendable = WaitingChange & { readonly change: OriginChange }

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000
/** So many refused records are kept for whoever looks into them. */
const MOST_DEAD = 10_000

/**
 * Tells origins what has waited for them, a batch at a time, and takes it out of the backlog once they have it. A batch that
 * is refused is divided until what is wrong in it stands alone, and is set aside. An origin that fails is left alone for a
 * while; what others wait for goes on.
 */
export class FlushRound {
  readonly results: Record<FlushResult, number> = { stored: 0, refused: 0, failed: 0 }
  readonly #options: FlushRoundOptions
  readonly #parts: FlushRoundParts
  readonly #policies: ReadonlyMap<string, KeyspacePolicy>
  readonly #patience = new Map<string, Patience>()

  constructor(options: FlushRoundOptions, parts: FlushRoundParts) {
    this.#options = options
    this.#parts = parts
    this.#policies = new Map(options.policies.map((policy) => [policy.name, policy]))
  }

  /** `until`: nothing goes on after that. Rejects where the shard has no answer. */
  async run(shard: Shard, records: readonly BacklogRecord[], until: number): Promise<void> {
    const changes = await waitingChanges(shard, records, (keyspace) => this.#flushable(keyspace))
    const over = changes.filter(({ change }) => change === undefined)
    await Promise.all(over.map((one) => this.#settle(shard, one, one.last.version, 'stored')))
    const sendable = changes.filter((one): one is Sendable => one.change !== undefined)
    const scopes = grouped(sendable, ({ subject }) => `${subject.keyspace}:${subject.tenant}`)
    await Promise.all([...scopes.values()].map((scope) => this.#flush(shard, scope, until)))
  }

  #flushable(keyspace: string): KeyspacePolicy | undefined {
    const policy = this.#policies.get(keyspace)
    const origin = this.#parts.origins.get(policy?.origin ?? '')
    if (policy === undefined || origin?.canStore !== true) return undefined
    return (this.#patience.get(origin.name)?.until ?? 0) > this.#parts.clock.now() ? undefined : policy
  }

  async #flush(shard: Shard, changes: readonly Sendable[], until: number): Promise<void> {
    const origin = this.#parts.origins.get(changes[0]?.policy.origin ?? '') as Origin
    const batch = this.#options.batchOf(origin.name)
    for (let from = 0; from < changes.length; from += batch) {
      if (!(await this.#send(shard, origin, changes.slice(from, from + batch), until))) return
    }
  }

  /** False where the rest is to wait. */
  async #send(shard: Shard, origin: Origin, changes: readonly Sendable[], until: number): Promise<boolean> {
    const { clock } = this.#parts
    if (clock.now() >= until) return false
    const deadlineAt = Math.min(until, clock.now() + origin.timeoutMs)
    const [{ subject }] = changes as readonly [Sendable, ...Sendable[]]
    try {
      const sent = changes.map(({ change }) => (this.#options.rules.orderedBehind ? change : { ...change, version: 0 }))
      await origin.store(subject, sent, { deadlineAt })
    } catch (error) {
      const failure = RingsideError.from(error)
      if (failure.reason !== 'WRITE_REFUSED') return this.#postpone(origin, changes.length, failure)
      if (changes.length === 1) return this.#bury(shard, changes[0] as Sendable, failure)
      const half = changes.length >> 1
      return (
        (await this.#send(shard, origin, changes.slice(0, half), until)) &&
        (await this.#send(shard, origin, changes.slice(half), until))
      )
    }
    this.#patience.delete(origin.name)
    this.results.stored += changes.length
    await Promise.all(changes.map((one) => this.#settle(shard, one, one.change.version, 'stored')))
    return true
  }

  #postpone(origin: Origin, count: number, { reason, message }: RingsideError): false {
    const { clock, chance, log } = this.#parts
    const failures = (this.#patience.get(origin.name)?.failures ?? 0) + 1
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + chance.uniform() / 2)
    this.#patience.set(origin.name, { failures, until: clock.now() + pauseMs })
    this.results.failed += count
    log.warn({ origin: origin.name, reason, why: message }, 'changes go on waiting for their origin')
    return false
  }

  async #bury(shard: Shard, one: Sendable, { message }: RingsideError): Promise<true> {
    const { names } = this.#options
    const value = 'value' in one.change ? one.change.value : one.last.value
    const record = { ...one.last, version: one.change.version, value }
    const burial = { key: names.dead, most: MOST_DEAD, record, reason: message }
    await shard.ask(names.dead, 'bury', () => burial)
    await this.#settle(shard, one, one.change.version, 'refused')
    this.results.refused += 1
    this.#parts.log.error({ keyspace: one.policy.name, shard: shard.name, why: message }, 'change set aside')
    return true
  }

  async #settle(shard: Shard, one: WaitingChange, version: number, how: 'stored' | 'refused'): Promise<void> {
    const { physicalKey, policy, subject, ids } = one
    const home = this.#parts.store.home(physicalKey)
    // Its key has moved since: what was loaded at the new home may be what the origin had before.
    if (home.name !== shard.name) await home.invalidate(physicalKey, { staleKeepMs: 0 })
    // So may what was loaded under another version of its keyspace.
    await this.#parts.otherVersions.drop(physicalKey, policy.lagMs)
    const { backlog } = this.#options.names
    const lives = this.#livesOf(policy, one.change)
    const mayShrink = policy.compress !== undefined && how === 'stored'
    const smaller = mayShrink ? await this.#smaller(one) : undefined
    await shard.ask(physicalKey, 'settleBacklog', ({ epoch, floor }) => {
      return { key: physicalKey, backlog, subject, ids, how, version, floor, epochs: [epoch], ...lives, smaller }
    })
  }

  /** What waits is stored as it is, so that whoever has to tell the origin, of whatever version, can. */
  async #smaller({ physicalKey, policy, change }: WaitingChange) {
    if (policy.compress === undefined || change === undefined || !('value' in change)) return undefined
    return this.#parts.packer.pack(physicalKey, change.value, policy.compress)
  }

  #livesOf(policy: KeyspacePolicy, change: OriginChange | undefined) {
    const isDeleted = change !== undefined && 'deleted' in change && policy.kind === 'value'
    const lives = livesOf(policy, isDeleted ? 'negative' : 'value', this.#parts.chance)
    const { ttlMs = 0, softTtlMs, staleKeepMs = policy.degradedMs } = lives ?? {}
    // A counter that left would take along which additions it has had.
    if (policy.kind === 'counter')
      return { ttlMs: Math.max(ttlMs, IDS_REMEMBERED_MS), softTtlMs: undefined, staleKeepMs }
    return { ttlMs: Math.max(1, ttlMs), softTtlMs, staleKeepMs }
  }
}
