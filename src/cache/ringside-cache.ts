import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { Gather } from '../flight/gather.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { Answer, Cache, GetRequest, InvalidateResult, KeyRequest, SetRequest, SetResult } from './cache.ts'
import type { Lookup } from './lookup.ts'
import type { ReadPath } from './read-path.ts'
import type { ReadTally } from './read-tally.ts'
import type { WritePath } from './write-path.ts'

export interface RingsideCacheParts {
  readonly keyspaces: Keyspaces
  readonly reads: ReadPath
  readonly writes: WritePath
  readonly tally: ReadTally
  readonly clock: Clock
}

/** The use cases, from a request as an edge understood it to the path that serves it. */
export class RingsideCache implements Cache {
  readonly #parts: RingsideCacheParts

  constructor(parts: RingsideCacheParts) {
    this.#parts = parts
  }

  get(request: GetRequest): Answer | Promise<Answer> {
    const lookup = this.#lookup(request, this.#parts.clock.now(), undefined)
    const answer = this.#parts.reads.read(lookup)
    return answer instanceof Promise ? this.#counted(lookup, answer) : this.#parts.tally.answered(lookup, answer)
  }

  async batchGet(requests: readonly GetRequest[]): Promise<readonly (Answer | RingsideError)[]> {
    const begunAt = this.#parts.clock.now()
    const gather = new Gather()
    const answers = requests.map((request) => this.#one(request, begunAt, gather))
    gather.seal()
    return Promise.all(answers)
  }

  async set(request: SetRequest): Promise<SetResult> {
    return this.#parts.writes.set(this.#parts.keyspaces.resolve(request), request)
  }

  async invalidate(targets: readonly KeyRequest[]): Promise<readonly InvalidateResult[]> {
    const { keyspaces, writes, tally } = this.#parts
    const resolved = targets.map((target) => keyspaces.resolve(target))
    const settled = await Promise.allSettled(resolved.map((target) => writes.invalidate(target)))
    const failures: RingsideError[] = []
    const results: InvalidateResult[] = []
    for (const [index, one] of settled.entries()) {
      tally.invalidated(resolved[index]?.policy.name ?? '', one.status === 'fulfilled' ? 'done' : 'failed')
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

  async #one(request: GetRequest, begunAt: number, gather: Gather): Promise<Answer | RingsideError> {
    try {
      const lookup = this.#lookup(request, begunAt, gather)
      return this.#parts.tally.answered(lookup, await this.#parts.reads.read(lookup))
    } catch (error) {
      return RingsideError.from(error)
    }
  }

  async #counted(lookup: Lookup, answer: Promise<Answer>): Promise<Answer> {
    return this.#parts.tally.answered(lookup, await answer)
  }

  #lookup(request: GetRequest, begunAt: number, gather: Gather | undefined): Lookup {
    const { policy, physicalKey } = this.#parts.keyspaces.resolve(request)
    const { maxStalenessMs } = request
    const boundMs = maxStalenessMs !== undefined && maxStalenessMs < policy.boundMs ? maxStalenessMs : policy.boundMs
    return {
      policy,
      physicalKey,
      key: request.key,
      tenant: request.tenant,
      begunAt,
      notBefore: begunAt - boundMs,
      gather,
    }
  }
}
