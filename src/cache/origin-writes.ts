import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Origin } from '../origin/origin.ts'
import { withOutcome } from '../origin/origin-error.ts'
import type { Content } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { WriteRequest, WriteResult } from './cache.ts'
import { intentLifeMs } from './intent-life.ts'
import { NO_BYTES } from './landing.ts'
import { livesOf } from './lives.ts'
import type { OtherVersions } from './other-versions.ts'
import type { OwnChanges } from './own-changes.ts'
import type { ReadTally } from './read-tally.ts'
import type { Target } from './write-path.ts'

export interface OriginWritesParts {
  readonly store: Tier
  readonly origins: ReadonlyMap<string, Origin>
  readonly changes: OwnChanges
  readonly otherVersions: Pick<OtherVersions, 'drop'>
  readonly tally: ReadTally
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly rules: Rules
}

interface Write extends Target {
  readonly origin: Origin
  readonly request: WriteRequest
  readonly begunAt: number
  readonly token: Buffer
  /** How long after `begunAt` the origin may go on changing, unless it has said what became of the change. */
  readonly lifeMs: number
}

const TOKEN_BYTES = 16

/**
 * Writes that go to the origin first: an intent at the key's home, the change at its origin, then the end of the intent,
 * which drops or replaces what is stored. Whatever is cut short, and wherever, costs a miss and no lasting stale hit: an
 * intent that nobody ends stands, and keeps out what is loaded, until the origin cannot change any more.
 */
export class OriginWrites {
  readonly #parts: OriginWritesParts

  constructor(parts: OriginWritesParts) {
    this.#parts = parts
  }

  /**
   * Goes on to its end on a deadline of its own, whoever gives up on it. Rejects with `WRITE_REFUSED`, `ORIGIN_UNAVAILABLE`,
   * `ORIGIN_LIMIT` or `SHARD_UNAVAILABLE`; `outcome` in the metadata tells what is known of the origin: `unchanged`,
   * `unknown`, or `stored`.
   */
  async write({ policy, physicalKey }: Target, request: WriteRequest): Promise<WriteResult> {
    const { origins, changes, chance, clock } = this.#parts
    const origin = origins.get(policy.origin ?? '')
    if (origin === undefined) throw new RingsideError('INTERNAL', `keyspace ${policy.name} has no origin to write to`)
    const lifeMs = intentLifeMs(policy, origin)
    const token = chance.bytes(TOKEN_BYTES)
    return changes.make(physicalKey, async () => {
      const write = { policy, physicalKey, origin, request, token, lifeMs, begunAt: clock.now() }
      await this.#warnOthers(write)
      const isIntended = await this.#intend(write)
      await this.#store(write, isIntended)
      return isIntended ? this.#settle(write) : this.#deferred(write, undefined)
    })
  }

  /** Under other versions of the keyspace a hold does what an intent does, and ends by itself. */
  async #warnOthers({ physicalKey, lifeMs }: Write): Promise<void> {
    try {
      await this.#parts.otherVersions.drop(physicalKey, lifeMs)
    } catch (error) {
      throw withOutcome(RingsideError.from(error), 'unchanged')
    }
  }

  /** False where the shard has no answer and the journal stands in for it: then it owes the key a hold of the same length. */
  async #intend({ policy, physicalKey, token, lifeMs }: Write): Promise<boolean> {
    const shard = this.#parts.store.home(physicalKey)
    try {
      await shard.intend(physicalKey, { token, ttlMs: lifeMs })
      return true
    } catch (error) {
      if (mayDefer(policy, error) && (await shard.defer(physicalKey, lifeMs))) return false
      throw withOutcome(RingsideError.from(error), 'unchanged')
    }
  }

  async #store(write: Write, isIntended: boolean): Promise<void> {
    const { origin, request, begunAt } = write
    const { keyspace, tenant, key, value } = request
    const change = { key, version: 0, ...(value === undefined ? { deleted: true as const } : { value }) }
    try {
      await origin.store({ keyspace, tenant }, [change], { deadlineAt: begunAt + origin.timeoutMs })
    } catch (error) {
      const failure = withOutcome(RingsideError.from(error), 'unknown')
      // Of what may still come, or has come unseen, the intent goes on warning.
      const isCertain = failure.metadata.outcome === 'unchanged' || !this.#parts.rules.unknownStands
      if (!isCertain) await this.#warnMeanwhile(write)
      else if (isIntended) await this.#withdraw(write)
      throw failure
    }
  }

  /** The keyspace may have got a version since that no intent or hold stands in. */
  async #warnMeanwhile(write: Write): Promise<void> {
    await this.#warnOthers(write).catch((error: unknown) => {
      const { reason } = RingsideError.from(error)
      this.#parts.log.warn(
        { keyspace: write.policy.name, reason },
        'a change of unknown outcome may be missed by others',
      )
    })
  }

  /** Nothing was changed, but somebody may have loaded meanwhile what is not stored now. */
  async #withdraw({ policy, physicalKey, token }: Write): Promise<void> {
    try {
      // A lagging origin may not show yet what was written through just before, and is dropped with this.
      const drop = { staleKeepMs: policy.degradedMs, holdMs: policy.lagMs }
      await this.#parts.store.home(physicalKey).settle(physicalKey, { token, ...drop })
    } catch (error) {
      const { reason } = RingsideError.from(error)
      this.#parts.log.debug({ keyspace: policy.name, reason }, 'intent left to its end')
    }
  }

  async #settle(write: Write): Promise<WriteResult> {
    const { policy, physicalKey, token, request } = write
    const { store, tally } = this.#parts
    const content = policy.writes === 'write-through' ? this.#content(policy, request) : undefined
    const drop = { staleKeepMs: policy.degradedMs, holdMs: policy.lagMs }
    try {
      const { outcome, version } = await store.home(physicalKey).settle(physicalKey, { token, content, ...drop })
      if (outcome === 'stored') tally.stored(policy.name, content?.value.length ?? 0)
      return { version, deferred: false }
    } catch (error) {
      return this.#deferred(write, error)
    }
  }

  /** The origin has the change, and the journal owes the key an invalidation for it. */
  async #deferred({ policy, physicalKey }: Write, failure: unknown): Promise<WriteResult> {
    const isDeferrable = failure === undefined || mayDefer(policy, failure)
    if (isDeferrable && (await this.#parts.store.home(physicalKey).defer(physicalKey, policy.lagMs))) {
      return { version: 0, deferred: true }
    }
    const { reason, message, retryAfterMs, metadata } = RingsideError.from(failure ?? unkept(policy))
    throw new RingsideError(reason, `the origin has the change, but it could not be acknowledged: ${message}`, {
      cause: failure,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      metadata: { ...metadata, outcome: 'stored' },
    })
  }

  /** What takes the place of the old value; `undefined` where nothing does. */
  #content(policy: KeyspacePolicy, { value }: WriteRequest): Content | undefined {
    const kind = value === undefined ? 'negative' : 'value'
    const lives = livesOf(policy, kind, this.#parts.chance)
    const { compress } = policy
    return lives && { kind, value: value ?? NO_BYTES, ...lives, loadedAgoMs: 0, loadCostMs: 0, compress }
  }
}

function mayDefer({ consistency }: KeyspacePolicy, error: unknown): boolean {
  return consistency !== 'strong' && RingsideError.from(error).reason === 'SHARD_UNAVAILABLE'
}

function unkept({ name }: KeyspacePolicy): RingsideError {
  return new RingsideError('SHARD_UNAVAILABLE', `keyspace ${name}: shard and journal gave no answer`)
}
