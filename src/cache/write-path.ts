import { RingsideError } from '../base/errors.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Content } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { InvalidateResult, SetRequest, SetResult } from './cache.ts'
import type { OwnChanges } from './own-changes.ts'
import type { ReadTally } from './read-tally.ts'

/** A key of a keyspace, resolved. */
export interface Target {
  readonly policy: KeyspacePolicy
  readonly physicalKey: string
}

export interface WritePathParts {
  readonly store: Tier
  readonly changes: OwnChanges
  readonly tally: ReadTally
}

const TOKEN_BYTES = 16

/** Sets and invalidations, for applications that talk to their database themselves. */
export class WritePath {
  readonly #parts: WritePathParts

  constructor(parts: WritePathParts) {
    this.#parts = parts
  }

  /** Rejects with `LEASE_LOST`, `VERSION_MISMATCH`, `TTL_INVALID`, `ARGUMENT_INVALID` or `SHARD_UNAVAILABLE`. */
  async set(target: Target, request: SetRequest): Promise<SetResult> {
    const content = contentOf(target.policy, request)
    const token = leaseToken(request)
    const write = { holdMs: target.policy.lagMs }
    const change = async () => {
      const shard = this.#parts.store.home(target.physicalKey)
      if (token !== undefined) {
        const filled = await shard.fill(target.physicalKey, token, content, { write })
        if (filled.outcome !== 'lost') return { stored: filled.outcome === 'filled', version: filled.version }
        throw new RingsideError(
          'LEASE_LOST',
          'lease_token is no longer valid: the key was invalidated, written or leased anew meanwhile; get it again',
        )
      }
      const { ifVersion } = request
      const put = await shard.put(
        target.physicalKey,
        content,
        ifVersion === undefined ? { write } : { write, ifVersion },
      )
      if (put.outcome !== 'version-mismatch') return { stored: put.outcome === 'stored', version: put.version }
      throw new RingsideError(
        'VERSION_MISMATCH',
        `if_version is ${ifVersion}, but the stored entry has version ${put.version}; get it again`,
        {
          metadata: { version: String(put.version) },
        },
      )
    }
    const result = await this.#parts.changes.make(target.physicalKey, change, write.holdMs)
    if (result.stored) this.#parts.tally.stored(target.policy.name, request.value.length)
    return result
  }

  /** Rejects with `SHARD_UNAVAILABLE` when the key's shard did not acknowledge, and the journal cannot stand in for it. */
  async invalidate({ policy, physicalKey }: Target, askedHoldMs = 0): Promise<InvalidateResult> {
    const holdMs = Math.max(askedHoldMs, policy.lagMs)
    const invalidate = async () => {
      const shard = this.#parts.store.home(physicalKey)
      try {
        const version = await shard.invalidate(physicalKey, { staleKeepMs: policy.degradedMs, holdMs })
        return { version, deferred: false }
      } catch (error) {
        const mayDefer = policy.consistency !== 'strong' && RingsideError.from(error).reason === 'SHARD_UNAVAILABLE'
        if (mayDefer && (await shard.defer(physicalKey, holdMs))) return { version: 0, deferred: true }
        throw error
      }
    }
    return this.#parts.changes.make(physicalKey, invalidate, holdMs)
  }
}

function contentOf(policy: KeyspacePolicy, request: SetRequest): Content {
  const ttlMs = request.ttlMs ?? policy.ttlMs
  if (!(ttlMs > 0) || ttlMs > policy.ttlMs) {
    throw new RingsideError(
      'TTL_INVALID',
      `ttl_ms is ${ttlMs}; allowed is 1 to ${policy.ttlMs}, the ttl of keyspace ${policy.name}`,
      {
        metadata: { field: 'ttl_ms' },
      },
    )
  }
  return {
    kind: 'value',
    value: request.value,
    ttlMs,
    softTtlMs: policy.softTtlMs === undefined || policy.softTtlMs >= ttlMs ? undefined : policy.softTtlMs,
    staleKeepMs: policy.degradedMs,
    loadedAgoMs: 0,
    loadCostMs: 0,
  }
}

function leaseToken({ leaseToken: text }: SetRequest): Buffer | undefined {
  if (text === '') return undefined
  const token = Buffer.from(text, 'base64url')
  if (token.length === TOKEN_BYTES && token.toString('base64url') === text) return token
  throw new RingsideError('ARGUMENT_INVALID', 'lease_token is not one that a get handed out; pass it back unchanged', {
    metadata: { field: 'lease_token' },
  })
}
