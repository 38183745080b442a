import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { isTagName } from '../keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Content } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import { askedTtlMs } from './asked-ttl.ts'
import type { InvalidateResult, SetRequest, SetResult } from './cache.ts'
import type { HandedLease, LeaseTokens } from './lease-tokens.ts'
import type { OwnChanges } from './own-changes.ts'
import type { ReadTally } from './read-tally.ts'
import type { Tagging } from './tagging.ts'

/** A key of a keyspace, or the record of a tag, resolved. */
export interface Target {
  readonly policy: KeyspacePolicy
  readonly physicalKey: string
}

export interface WritePathParts {
  readonly store: Tier
  readonly changes: OwnChanges
  readonly tagging: Tagging
  readonly tokens: LeaseTokens
  readonly tally: ReadTally
  readonly clock: Clock
}

/** The record of a tag may have to be made first. */
const MOST_ATTEMPTS = 3

const LEASE_LOST =
  'lease_token is no longer valid: the key or one of its tags was invalidated, or the key written or leased anew meanwhile; get it again'

/** Sets and invalidations, for applications that talk to their database themselves. */
export class WritePath {
  readonly #parts: WritePathParts

  constructor(parts: WritePathParts) {
    this.#parts = parts
  }

  /** Rejects with `LEASE_LOST`, `VERSION_MISMATCH`, `TTL_INVALID`, `ARGUMENT_INVALID` or `SHARD_UNAVAILABLE`. */
  async set(target: Target, request: SetRequest): Promise<SetResult> {
    const untagged = contentOf(target.policy, request)
    const lease = this.#leaseOf(request)
    const change = async () => {
      const content = await this.#tagged(target, untagged, request.tags ?? [], lease)
      return content === undefined ? { stored: false, version: 0 } : this.#store(target, content, request, lease)
    }
    const result = await this.#parts.changes.make(target.physicalKey, change, target.policy.lagMs)
    if (result.stored) this.#parts.tally.stored(target.policy.name, request.value.length)
    return result
  }

  async #store(
    { policy, physicalKey }: Target,
    content: Content,
    { ifVersion }: SetRequest,
    lease: HandedLease | undefined,
  ): Promise<SetResult> {
    const shard = this.#parts.store.home(physicalKey)
    const write = { holdMs: policy.lagMs }
    if (lease !== undefined) {
      const filled = await shard.fill(physicalKey, lease.token, content, { write })
      if (filled.outcome !== 'lost') return { stored: filled.outcome === 'filled', version: filled.version }
      throw new RingsideError('LEASE_LOST', LEASE_LOST)
    }
    const put = await shard.put(physicalKey, content, ifVersion === undefined ? { write } : { write, ifVersion })
    if (put.outcome !== 'version-mismatch') return { stored: put.outcome === 'stored', version: put.version }
    const message = `if_version is ${ifVersion}, but the stored entry has version ${put.version}; get it again`
    throw new RingsideError('VERSION_MISMATCH', message, { metadata: { version: String(put.version) } })
  }

  /** The content with its tags; `undefined` while nothing may be stored under one of them. */
  async #tagged(
    target: Target,
    content: Content,
    tags: readonly string[],
    lease: HandedLease | undefined,
  ): Promise<Content | undefined> {
    if (tags.length === 0) return content
    const { tagging, clock } = this.#parts
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      // Without a lease nobody knows when the value was loaded: what has overtaken it only now is taken for older.
      const asOf = lease === undefined ? clock.now() : lease.askedAt - target.policy.lagMs
      const tagged = await tagging.tagged(target, tags, asOf)
      if (tagged.outcome === 'held') return undefined
      if (tagged.outcome === 'tagged') return { ...content, tags: tagged.tags, loadedAgoMs: clock.now() - asOf }
      if (lease !== undefined) throw new RingsideError('LEASE_LOST', LEASE_LOST)
    }
    return undefined
  }

  /** Rejects with `SHARD_UNAVAILABLE` when the key's shard did not acknowledge, and the journal cannot stand in for it. */
  async invalidate({ policy, physicalKey }: Target, askedHoldMs = 0): Promise<InvalidateResult> {
    const holdMs = Math.max(askedHoldMs, policy.lagMs)
    const invalidate = async () => {
      const shard = this.#parts.store.home(physicalKey)
      try {
        // The record of a tag has nothing to give.
        const staleKeepMs = isTagName(physicalKey) ? 0 : policy.degradedMs
        const version = await shard.invalidate(physicalKey, { staleKeepMs, holdMs })
        return { version, deferred: false }
      } catch (error) {
        const mayDefer = policy.consistency !== 'strong' && RingsideError.from(error).reason === 'SHARD_UNAVAILABLE'
        if (mayDefer && (await shard.defer(physicalKey, holdMs))) return { version: 0, deferred: true }
        throw error
      }
    }
    return this.#parts.changes.make(physicalKey, invalidate, holdMs)
  }

  #leaseOf({ leaseToken }: SetRequest): HandedLease | undefined {
    if (leaseToken === '') return undefined
    const lease = this.#parts.tokens.decode(leaseToken)
    if (lease !== undefined) return lease
    throw new RingsideError(
      'ARGUMENT_INVALID',
      'lease_token is not one that a get handed out; pass it back unchanged',
      {
        metadata: { field: 'lease_token' },
      },
    )
  }
}

function contentOf(policy: KeyspacePolicy, request: SetRequest): Content {
  const ttlMs = askedTtlMs(policy, request.ttlMs)
  return {
    kind: 'value',
    value: request.value,
    ttlMs,
    softTtlMs: policy.softTtlMs === undefined || policy.softTtlMs >= ttlMs ? undefined : policy.softTtlMs,
    staleKeepMs: policy.degradedMs,
    loadedAgoMs: 0,
    loadCostMs: 0,
    compress: policy.compress,
  }
}
