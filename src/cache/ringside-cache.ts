import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { Gather } from '../flight/gather.ts'
import type { Heat } from '../hotkey/heat.ts'
import { isPlainKey } from '../keyspace/key-check.ts'
import type { Keyspaces, ResolvedKey } from '../keyspace/keyspaces.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Tier } from '../store/tier.ts'
import type { Auditor } from './auditor.ts'
import type { BehindWrites } from './behind-writes.ts'
import {
  type Answer,
  type AnswerAtHand,
  type Cache,
  type GetRequest,
  type IncrementRequest,
  type InvalidateResult,
  type InvalidateTarget,
  type KeyAtHand,
  NOBODY,
  type SetRequest,
  type SetResult,
  type WriteRequest,
  type WriteResult,
} from './cache.ts'
import { copied } from './copied.ts'
import type { Counters } from './counters.ts'
import type { JoinedIncrements } from './joined-increments.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { OriginWrites } from './origin-writes.ts'
import { partOf } from './part-of.ts'
import type { ReadPath } from './read-path.ts'
import type { InvalidationResult, ReadTally } from './read-tally.ts'
import type { WritePath } from './write-path.ts'

export interface RingsideCacheParts {
  readonly near: NearRung
  readonly keyspaces: Keyspaces
  readonly reads: ReadPath
  readonly writes: WritePath
  readonly originWrites: OriginWrites
  readonly behindWrites: BehindWrites
  readonly counters: Counters
  readonly joined: JoinedIncrements
  readonly heat: Heat
  readonly store: Tier
  readonly tally: ReadTally
  readonly auditor: Auditor
  readonly clock: Clock
}

/** What a lookup takes from its call, beside the request. */
type Asking = Pick<Lookup, 'reader' | 'begunAt' | 'gather'>

/** Versions are the shards' TIME in µs or a little more; clocks that differ by more than this are refused. */
const MIN_VERSION_AHEAD_US = 60_000_000

/** Of a call's time, what passes at most until it is answered where that is ours to say: a little less than half of it. */
const ANSWER_SHARE = 0.45

/** The use cases, from a request as an edge understood it to the path that serves it. */
export class RingsideCache implements Cache {
  readonly #parts: RingsideCacheParts

  constructor(parts: RingsideCacheParts) {
    this.#parts = parts
  }

  get(request: GetRequest, reader = NOBODY): Answer | Promise<Answer> {
    const asking = { reader, begunAt: this.#parts.clock.now(), gather: undefined }
    const lookup = this.#lookup(request, asking)
    const read = this.#parts.reads.read(lookup)
    const answered = read instanceof Promise ? this.#later(request, asking, lookup, read) : this.#answered(lookup, read)
    const { fields } = request
    if (fields === undefined) return answered
    return answered instanceof Promise
      ? answered.then((whole) => partOf(whole, lookup.policy, fields))
      : partOf(answered, lookup.policy, fields)
  }

  getAtHand(request: KeyAtHand, begunAt: number): AnswerAtHand | undefined {
    const { near, heat, auditor, tally, keyspaces } = this.#parts
    const place = keyspaces.place(request.keyspace, request.tenant)
    const { bytes, start, end, maxStalenessMs } = request
    if (place === undefined || !place.policy.near || !isPlainKey(bytes, start, end)) return undefined
    const { policy, prefix } = place
    if (policy.keyPattern !== undefined && !policy.keyPattern.test(bytes.toString('latin1', start, end))) {
      return undefined
    }
    const text = { prefix, bytes, start, end }
    const view = near.view(text, boundOf(policy, maxStalenessMs), begunAt)
    if (view === undefined) return undefined
    heat.readText(text)
    if (auditor.takes()) {
      const key = bytes.toString('latin1', start, end)
      const lookup = lookupOf(
        { key, tenant: request.tenant, ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }) },
        { policy, physicalKey: prefix + key },
        { reader: NOBODY, begunAt, leastVersion: 0, gather: undefined },
      )
      auditor.take(lookup, copied(view))
    }
    if (view.kind === 'value') tally.answeredAtHand(policy.name, begunAt - view.asOf)
    return view
  }

  async batchGet(requests: readonly GetRequest[], reader = NOBODY): Promise<readonly (Answer | RingsideError)[]> {
    const begunAt = this.#parts.clock.now()
    const gather = new Gather()
    const answers = requests.map((request) => this.#one(request, { reader, begunAt, gather }))
    gather.seal()
    return Promise.all(answers)
  }

  async set(request: SetRequest): Promise<SetResult> {
    const target = this.#parts.keyspaces.resolve(request)
    checkKind(target.policy, 'value', 'Set')
    return this.#parts.writes.set(target, request)
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    const target = this.#parts.keyspaces.resolve(request)
    checkKind(target.policy, 'value', 'Write')
    const { originWrites, behindWrites } = this.#parts
    switch (target.policy.writes) {
      case undefined:
        throw unwritable(target.policy)
      case 'write-behind':
        return { version: await behindWrites.write(target, request, request.value), deferred: true }
      case 'invalidate':
      case 'write-through':
        return originWrites.write(target, request)
    }
  }

  async increment(request: IncrementRequest, reader = NOBODY): Promise<bigint> {
    const target = this.#parts.keyspaces.resolve(request)
    checkKind(target.policy, 'counter', 'Increment')
    const asking = { reader, begunAt: this.#parts.clock.now(), leastVersion: 0, gather: undefined }
    const load = async () => this.#parts.reads.read(lookupOf(request, target, asking))
    const add = (one: IncrementRequest) => this.#parts.counters.increment(target, one, load)
    const { coalesceMs } = target.policy
    return coalesceMs === 0 ? add(request) : this.#parts.joined.add(target.physicalKey, request, coalesceMs, add)
  }

  async invalidate(targets: readonly InvalidateTarget[]): Promise<readonly InvalidateResult[]> {
    const { keyspaces, writes, tally } = this.#parts
    const resolved = targets.map((one) => ('tag' in one ? keyspaces.resolveTag(one) : keyspaces.resolve(one)))
    const settled = await Promise.allSettled(
      resolved.map((target, index) => writes.invalidate(target, targets[index]?.holdMs)),
    )
    const failures: RingsideError[] = []
    const results: InvalidateResult[] = []
    for (const [index, one] of settled.entries()) {
      tally.invalidated(resolved[index]?.policy.name ?? '', resultOf(one))
      if (one.status === 'fulfilled') results.push(one.value)
      else failures.push(RingsideError.from(one.reason))
    }
    const first = failures[0]
    if (first === undefined) return results
    throw new RingsideError(
      first.reason,
      `${failures.length} of ${targets.length} targets could not be invalidated (${first.message}); repeat the call, it does no harm to the others`,
      {
        cause: first,
        ...(first.retryAfterMs === undefined ? {} : { retryAfterMs: first.retryAfterMs }),
        metadata: first.metadata,
      },
    )
  }

  async #one(request: GetRequest, asking: Asking): Promise<Answer | RingsideError> {
    try {
      const lookup = this.#lookup(request, asking)
      const answer = await this.#later(request, asking, lookup, this.#parts.reads.read(lookup))
      return request.fields === undefined ? answer : partOf(answer, lookup.policy, request.fields)
    } catch (error) {
      return RingsideError.from(error)
    }
  }

  /** Once more where the keyspace has moved meanwhile: what is found under its former name says nothing any more. */
  async #later(request: GetRequest, asking: Asking, lookup: Lookup, answer: Answer | Promise<Answer>): Promise<Answer> {
    let [asked, answered] = [lookup, await answer]
    while (!this.#parts.keyspaces.isCurrent(asked.physicalKey)) {
      asked = this.#lookup(request, { ...asking, gather: undefined })
      answered = await this.#parts.reads.read(asked)
    }
    return this.#answered(asked, answered)
  }

  #answered(lookup: Lookup, answer: Answer): Answer {
    if (this.#parts.auditor.takes()) this.#parts.auditor.take(lookup, answer)
    return this.#parts.tally.answered(lookup, answer)
  }

  #leastVersion(physicalKey: string, minVersion = 0): number {
    if (minVersion === 0) return 0
    const shard = this.#parts.store.home(physicalKey)
    const nowUs = shard.serverUs()
    if (nowUs !== undefined && minVersion > nowUs + MIN_VERSION_AHEAD_US) {
      const message = `min_version ${minVersion} lies more than a minute ahead of every version there is; pass one that an answer had`
      throw new RingsideError('ARGUMENT_INVALID', message, { metadata: { field: 'min_version' } })
    }
    shard.atLeast(minVersion)
    return minVersion
  }

  #lookup(request: GetRequest, { reader, begunAt, gather }: Asking): Lookup {
    const resolved = this.#parts.keyspaces.resolve(request)
    const leastVersion = this.#leastVersion(resolved.physicalKey, request.minVersion)
    this.#parts.heat.read(resolved.physicalKey)
    return lookupOf(request, resolved, { reader, begunAt, leastVersion, gather })
  }
}

function checkKind({ kind, name }: KeyspacePolicy, wanted: KeyspacePolicy['kind'], method: string): void {
  if (kind === wanted) return
  const mend =
    kind === 'counter' ? 'counters, which Increment changes' : 'values; counters need a keyspace of `kind: counter`'
  const message = `${method} is not for keyspace ${name}, which has ${mend}`
  throw new RingsideError('KEYSPACE_KIND', message, { metadata: { keyspace: name } })
}

function unwritable({ name, origin }: KeyspacePolicy): RingsideError {
  const mend = origin === undefined ? 'it has no origin; use Set' : 'its configuration has no `writes`'
  return new RingsideError('WRITE_REFUSED', `keyspace ${name} is not written through here: ${mend}`, {
    metadata: { keyspace: name, outcome: 'unchanged' },
  })
}

function lookupOf(
  { key, tenant, maxStalenessMs }: Omit<GetRequest, 'keyspace' | 'minVersion'>,
  { policy, physicalKey }: ResolvedKey,
  { reader, begunAt, leastVersion, gather }: Asking & Pick<Lookup, 'leastVersion'>,
): Lookup {
  const notBefore = begunAt - boundOf(policy, maxStalenessMs)
  const answerBy = begunAt + ANSWER_SHARE * (reader.deadlineAt - begunAt)
  return { policy, physicalKey, key, tenant, begunAt, reader, answerBy, notBefore, leastVersion, gather }
}

function resultOf(one: PromiseSettledResult<InvalidateResult>): InvalidationResult {
  if (one.status === 'rejected') return 'failed'
  return one.value.deferred ? 'deferred' : 'done'
}

function boundOf({ boundMs }: KeyspacePolicy, asked: number | undefined): number {
  return asked !== undefined && asked < boundMs ? asked : boundMs
}
