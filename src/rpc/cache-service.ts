import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Answer, Cache, GetRequest } from '../cache/cache.ts'
import type { BatchGetRequest__Output } from '../gen/ringside/v1/BatchGetRequest.ts'
import type { BatchGetResponse__Output } from '../gen/ringside/v1/BatchGetResponse.ts'
import type { BatchGetResult__Output } from '../gen/ringside/v1/BatchGetResult.ts'
import type { GetRequest__Output } from '../gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../gen/ringside/v1/GetResponse.ts'
import type { InvalidateRequest__Output } from '../gen/ringside/v1/InvalidateRequest.ts'
import type { InvalidateResponse__Output } from '../gen/ringside/v1/InvalidateResponse.ts'
import type { SetRequest__Output } from '../gen/ringside/v1/SetRequest.ts'
import type { SetResponse__Output } from '../gen/ringside/v1/SetResponse.ts'
import type { WriteRequest__Output } from '../gen/ringside/v1/WriteRequest.ts'
import type { WriteResponse__Output } from '../gen/ringside/v1/WriteResponse.ts'
import { countBatchGet, countGet, countIncrement, countInvalidate, countSet, countWrite } from './cache-counts.ts'
import { batchGetError, getRequest, getResponse, holdOf, setRequest, targetOf, writeRequest } from './cache-messages.ts'
import type { Method, Service } from './call.ts'
import { type IncrementAnswer, type IncrementMessage, incrementRequest } from './increment-messages.ts'
import { logInternal } from './internal-log.ts'

export interface CacheServiceOptions {
  readonly cache: Cache
  readonly clock: Clock
  readonly log: Log
  /** Largest value of a `Set` or `Write`, in bytes. */
  readonly valueBytes: number
  /** Most keys of a `BatchGet`, and most targets of an `Invalidate`. */
  readonly batch: number
  /** Most bytes of values in one answer to a `BatchGet`; what is beyond fails for itself. */
  readonly batchBytes: number
}

/** `ringside.v1.Cache`: messages in, use cases called, messages out. */
export function cacheService(options: CacheServiceOptions): Service {
  return {
    name: 'ringside.v1.Cache',
    methods: {
      Get: get(options),
      BatchGet: batchGet(options),
      Set: set(options),
      Invalidate: invalidate(options),
      Write: write(options),
      Increment: increment(options),
    },
  }
}

function get({ cache, clock }: CacheServiceOptions): Method<GetRequest__Output, GetResponse__Output> {
  return {
    name: 'Get',
    run(request, call) {
      // No promise is made for an answer that is at hand: near hits pass here.
      const answer = cache.get(getRequest(request), call)
      return answer instanceof Promise ? answer.then((late) => getResponse(late, clock)) : getResponse(answer, clock)
    },
    count: countGet,
  }
}

function batchGet(options: CacheServiceOptions): Method<BatchGetRequest__Output, BatchGetResponse__Output> {
  return {
    name: 'BatchGet',
    async run({ requests }, call) {
      checkBatch('requests', requests.length, options.batch)
      const parsed = requests.map((request) => attempt(() => getRequest(request)))
      const valid = parsed.filter((request): request is GetRequest => !(request instanceof RingsideError))
      const answers = valid.length === 0 ? [] : await options.cache.batchGet(valid, call)
      let next = 0
      const budget = { bytes: options.batchBytes }
      const results = parsed.map((request) => {
        const answer = request instanceof RingsideError ? request : answers[next++]
        return batchResult(answer, options, budget)
      })
      return { results }
    },
    count: countBatchGet,
  }
}

function batchResult(
  answer: Answer | RingsideError | undefined,
  { clock, log, batchBytes }: CacheServiceOptions,
  budget: { bytes: number },
): BatchGetResult__Output {
  if (answer === undefined) throw new Error('the cache answered fewer keys than it was asked for')
  if (answer instanceof RingsideError) {
    logInternal(log, 'BatchGet', answer)
    return { error: batchGetError(answer) }
  }
  budget.bytes -= answer.value.length
  if (budget.bytes >= 0) return { response: getResponse(answer, clock) }
  budget.bytes += answer.value.length
  const message = `the values of this batch exceed ${batchBytes} bytes together; ask for fewer keys at once`
  return { error: batchGetError(new RingsideError('VALUE_TOO_LARGE', message)) }
}

function set({ cache, valueBytes }: CacheServiceOptions): Method<SetRequest__Output, SetResponse__Output> {
  return {
    name: 'Set',
    async run(request) {
      const { stored, version } = await cache.set(setRequest(request, { valueBytes }))
      return { stored, version }
    },
    count: countSet,
  }
}

function write({ cache, valueBytes }: CacheServiceOptions): Method<WriteRequest__Output, WriteResponse__Output> {
  return {
    name: 'Write',
    async run(request) {
      const { version, deferred } = await cache.write(writeRequest(request, { valueBytes }))
      return { version, deferred }
    },
    count: countWrite,
  }
}

function increment({ cache }: CacheServiceOptions): Method<IncrementMessage, IncrementAnswer> {
  return {
    name: 'Increment',
    async run(request, call) {
      return { value: String(await cache.increment(incrementRequest(request), call)) }
    },
    count: countIncrement,
  }
}

function invalidate({
  cache,
  batch,
}: CacheServiceOptions): Method<InvalidateRequest__Output, InvalidateResponse__Output> {
  return {
    name: 'Invalidate',
    async run({ targets, hold_ms: holdMs }) {
      checkBatch('targets', targets.length, batch)
      const hold = holdOf(holdMs)
      const results = await cache.invalidate(targets.map((target) => ({ ...targetOf(target), ...hold })))
      return { results: results.map(({ version, deferred }) => ({ version, deferred })) }
    },
    count: countInvalidate,
  }
}

function checkBatch(field: string, size: number, limit: number): void {
  if (size >= 1 && size <= limit) return
  const mend = size === 0 ? 'name at least one' : `name at most ${limit}, and split what is over`
  throw new RingsideError('BATCH_SIZE', `${field} has ${size} entries; ${mend}`, { metadata: { field } })
}

function attempt<T>(parse: () => T): T | RingsideError {
  try {
    return parse()
  } catch (error) {
    return RingsideError.from(error)
  }
}
