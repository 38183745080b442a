import { RingsideError } from '../base/errors.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import { type Increment, REQUEST_ID_BYTES } from '../store/operations.ts'
import type { Tier } from '../store/tier.ts'
import { askedTtlMs } from './asked-ttl.ts'
import { type BehindWrites, backlogFull } from './behind-writes.ts'
import type { IncrementRequest } from './cache.ts'
import type { OwnChanges } from './own-changes.ts'
import { requestIdOf } from './request-id.ts'
import type { Target } from './write-path.ts'

export interface CountersParts {
  readonly store: Tier
  readonly changes: OwnChanges
  readonly behind: BehindWrites
}

/** So often a counter is read from its origin for one increment: what was stored may be gone before it is added to. */
const MOST_LOADS = 3
/** What a caller is asked to wait for a shard that does not know yet what counts of what it has. */
const SETTLING_MS = 1_000

/** Additions to counters, which live in the shared tier and may begin with what an origin has. */
export class Counters {
  readonly #parts: CountersParts

  constructor(parts: CountersParts) {
    this.#parts = parts
  }

  /**
   * Resolves with the sum. `load` reads the counter, and thereby stores what its origin has. Rejects with `COUNTER_OVERFLOW`,
   * `NOT_A_COUNTER`, `TTL_INVALID`, `BACKLOG_FULL` or `SHARD_UNAVAILABLE`, or with what `load` rejects with.
   */
  async increment(target: Target, request: IncrementRequest, load: () => Promise<unknown>): Promise<bigint> {
    const { physicalKey, policy } = target
    const addition = additionOf(policy, request)
    const place = policy.writes === 'write-behind' ? this.#parts.behind.place(policy, request) : undefined
    return this.#parts.changes.make(physicalKey, async () => {
      for (let loads = 0; ; loads += 1) {
        const added = await this.#parts.store
          .home(physicalKey)
          .change(physicalKey, 'increment', (now) => ({ key: physicalKey, ...addition, ...now, place }))
        if (added.outcome === 'added' || added.outcome === 'repeated') return added.value
        if (added.outcome === 'full') throw backlogFull(policy)
        if (added.outcome !== 'absent' || loads === MOST_LOADS) throw failure(added.outcome, request)
        await load()
      }
    })
  }
}

function additionOf(
  policy: KeyspacePolicy,
  { delta, initial, ttlMs = policy.ttlMs, requestId }: IncrementRequest,
): Pick<Increment, 'delta' | 'initial' | 'ttlMs' | 'staleKeepMs' | 'requestId' | 'mayCreate'> {
  if (policy.writes === 'write-behind' && ttlMs !== policy.ttlMs) {
    const message = `ttl_ms is not for counters whose origin hears of them, as that of keyspace ${policy.name} does; leave it out`
    throw new RingsideError('TTL_INVALID', message, { metadata: { field: 'ttl_ms' } })
  }
  return {
    delta,
    initial,
    ttlMs: askedTtlMs(policy, ttlMs),
    staleKeepMs: policy.degradedMs,
    requestId: requestIdOf(requestId, REQUEST_ID_BYTES),
    mayCreate: policy.origin === undefined,
  }
}

function failure(outcome: string, { keyspace, delta }: IncrementRequest): RingsideError {
  const detail = { metadata: { keyspace } }
  switch (outcome) {
    case 'overflow':
      return new RingsideError('COUNTER_OVERFLOW', `delta ${delta} would take the counter out of 64 bits`, detail)
    case 'no-counter':
      return new RingsideError(
        'NOT_A_COUNTER',
        `keyspace ${keyspace}: what is stored or loaded under this key is no whole number of 64 bits; invalidate it, or mend the origin`,
        detail,
      )
    default:
      return new RingsideError('SHARD_UNAVAILABLE', 'the counter cannot be added to now; retry later', {
        retryAfterMs: SETTLING_MS,
        ...detail,
      })
  }
}
