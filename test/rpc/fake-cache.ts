import { RingsideError } from '../../src/base/errors.ts'
import type {
  Answer,
  AnswerAtHand,
  Cache,
  GetRequest,
  IncrementRequest,
  InvalidateResult,
  InvalidateTagRequest,
  KeyAtHand,
  KeyRequest,
  Reader,
  SetRequest,
  SetResult,
  WriteRequest,
  WriteResult,
} from '../../src/cache/cache.ts'

const EMPTY = Buffer.alloc(0)

export function answer(parts: Partial<Answer> = {}): Answer {
  return {
    outcome: 'found',
    value: EMPTY,
    source: 'near',
    version: 1,
    asOf: 0,
    loadedAt: 0,
    degraded: false,
    ...parts,
  }
}

/**
 * A cache in a map: `product` has an origin, which says `NOT_FOUND`, and `session` has none, so that a miss carries the
 * one lease that it redeems. Each use case may be replaced; what was asked is kept.
 */
export class FakeCache implements Cache {
  readonly asked: unknown[] = []
  readonly values = new Map<string, { value: Buffer; version: number }>()
  #version = 0

  onGetAtHand = (_request: KeyAtHand): AnswerAtHand | undefined => undefined
  onGet = (request: GetRequest, _reader?: Reader): Answer | Promise<Answer> => this.#read(request)
  onSet = async (request: SetRequest): Promise<SetResult> => this.#store(request)
  onWrite = async ({ value }: WriteRequest): Promise<WriteResult> => ({ version: 7, deferred: value === undefined })
  onIncrement = async ({ initial, delta }: IncrementRequest): Promise<bigint> => initial + delta
  onInvalidate = async (
    targets: readonly (KeyRequest | InvalidateTagRequest)[],
  ): Promise<readonly InvalidateResult[]> => targets.map((target) => this.#drop(target))

  getAtHand(request: KeyAtHand): AnswerAtHand | undefined {
    return this.onGetAtHand(request)
  }

  get(request: GetRequest, reader?: Reader): Answer | Promise<Answer> {
    this.asked.push(request)
    return this.onGet(request, reader)
  }

  async batchGet(requests: readonly GetRequest[], reader?: Reader): Promise<readonly (Answer | RingsideError)[]> {
    this.asked.push(requests)
    return Promise.all(requests.map(async (request) => this.#attempt(request, reader)))
  }

  set(request: SetRequest): Promise<SetResult> {
    this.asked.push(request)
    return this.onSet(request)
  }

  write(request: WriteRequest): Promise<WriteResult> {
    this.asked.push(request)
    return this.onWrite(request)
  }

  increment(request: IncrementRequest): Promise<bigint> {
    this.asked.push(request)
    return this.onIncrement(request)
  }

  invalidate(targets: readonly (KeyRequest | InvalidateTagRequest)[]): Promise<readonly InvalidateResult[]> {
    this.asked.push(targets)
    return this.onInvalidate(targets)
  }

  async #attempt(request: GetRequest, reader?: Reader): Promise<Answer | RingsideError> {
    try {
      return await this.onGet(request, reader)
    } catch (error) {
      return RingsideError.from(error)
    }
  }

  #read(request: GetRequest): Answer {
    if (request.key === '') throw new RingsideError('KEY_INVALID', 'key is empty', { metadata: { field: 'key' } })
    const found = this.values.get(request.key)
    if (found !== undefined) return answer({ ...found, source: 'primary' })
    if (request.keyspace === 'product') return answer({ outcome: 'not-found', source: 'origin', version: 0 })
    const lease = { token: `lease-${request.key}`, ttlMs: 3_000 }
    return answer({ outcome: 'miss', source: 'primary', version: 0, lease })
  }

  #store(request: SetRequest): SetResult {
    if (request.leaseToken !== '' && request.leaseToken !== `lease-${request.key}`) {
      throw new RingsideError('LEASE_LOST', 'lease_token names a lease that fell; read the key again')
    }
    this.#version += 1
    this.values.set(request.key, { value: Buffer.from(request.value), version: this.#version })
    return { stored: true, version: this.#version }
  }

  #drop(target: KeyRequest | InvalidateTagRequest): InvalidateResult {
    this.#version += 1
    if ('key' in target) this.values.delete(target.key)
    return { version: this.#version, deferred: false }
  }
}
