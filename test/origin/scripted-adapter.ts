import type { AdaptiveLimit } from '../../src/guard/adaptive-limit.ts'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { GuardedOrigin, type GuardedOriginOptions } from '../../src/origin/guarded-origin.ts'
import type {
  ListKeys,
  LoadCause,
  LoadContext,
  LoadedValues,
  LoadRequest,
  LoadScope,
  OriginAdapter,
  OriginChange,
  StoreChanges,
} from '../../src/origin/origin.ts'
import { originVerdict } from '../../src/origin/origin-error.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type Deferred, deferred } from './deferred.ts'

interface Query {
  readonly scope: LoadScope
  readonly keys: readonly string[]
  readonly context: LoadContext
  readonly answer: Deferred<LoadedValues>
}

interface Store {
  readonly scope: LoadScope
  readonly changes: readonly OriginChange[]
  readonly context: LoadContext
  readonly answer: Deferred<void>
}

/** Answers every load by a function of its keys, or leaves it to the test where that says nothing. */
export class ScriptedAdapter implements OriginAdapter {
  readonly type = 'scripted'
  readonly queries: Query[] = []
  readonly stores: Store[] = []
  store: StoreChanges | undefined
  readonly list: ListKeys | undefined
  started = false
  closed = false
  readonly #answer: (keys: readonly string[]) => LoadedValues | undefined

  constructor(answer: (keys: readonly string[]) => LoadedValues | undefined, list: ListKeys | undefined) {
    this.#answer = answer
    this.list = list
  }

  async start() {
    this.started = true
  }

  async close() {
    this.closed = true
  }

  /** From now on it has stores, all of which it leaves to the test. */
  canStore(): void {
    this.store = (scope, changes, context) => {
      const answer = deferred<void>()
      this.stores.push({ scope, changes, context, answer })
      return answer.promise
    }
  }

  async load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    const answer = deferred<LoadedValues>()
    this.queries.push({ scope, keys, context, answer })
    return this.#answer(keys) ?? answer.promise
  }
}

export const echo = (keys: readonly string[]) => new Map(keys.map((key) => [key, Buffer.from(`value of ${key}`)]))

export interface OriginSettings extends Partial<GuardedOriginOptions> {
  readonly consecutiveFailures?: number
  readonly clock?: ManualClock
  /** Its keys cannot be listed without it. */
  readonly list?: ListKeys
  /** Fixed at `maxConcurrent` without one. */
  readonly limit?: AdaptiveLimit
}

export function buildOrigin(
  answer: (keys: readonly string[]) => LoadedValues | undefined = echo,
  options: OriginSettings = {},
) {
  const { consecutiveFailures = 3, limit, clock = new ManualClock(), list, ...rest } = options
  const own = { name: 'catalog', batch: 100, timeoutMs: 1_000, maxConcurrent: 10, maxWaiting: 10, ...rest }
  const breaker = new ClockedBreaker(
    {
      name: 'catalog',
      consecutiveFailures,
      failureRatio: 1,
      minimumCalls: 1_000,
      windowMs: 10_000,
      openForMs: 5_000,
      jitter: 0,
      slow: undefined,
    },
    { clock, chance: { uniform: () => 0, bytes: (size) => Buffer.alloc(size) }, classify: originVerdict },
  )
  const parts = { clock, breaker, ...(limit === undefined ? {} : { limit }) }
  const guard = new Guard({ ...own, maxWaiting: own.maxConcurrent }, parts)
  const adapter = new ScriptedAdapter(answer, list)
  const origin = new GuardedOrigin(own, { clock, guard, adapter })
  /** What became of one key: its value, `undefined` where there is none, or the error. */
  const load = async (key: string, more: Partial<LoadRequest> = {}, cause: LoadCause = 'miss') => {
    try {
      const loaded = await origin.load({ keyspace: 'product', tenant: '', key, cause, ...more })
      return loaded.found ? loaded.value.toString() : undefined
    } catch (error) {
      return error
    }
  }
  const loadAll = (keys: readonly string[]) => Promise.all(keys.map((key) => load(key)))
  return { own, clock, breaker, guard, adapter, origin, load, loadAll }
}

export function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index))
}
