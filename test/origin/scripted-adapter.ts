import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { Guard } from '../../src/guard/guard.ts'
import { GuardedOrigin, originVerdict } from '../../src/origin/guarded-origin.ts'
import type { LoadCause, LoadContext, LoadedValues, LoadScope, OriginAdapter } from '../../src/origin/origin.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type Deferred, deferred } from './deferred.ts'

interface Query {
  readonly scope: LoadScope
  readonly keys: readonly string[]
  readonly context: LoadContext
  readonly answer: Deferred<LoadedValues>
}

/** Answers every load by a function of its keys, or leaves it to the test where that says nothing. */
export class ScriptedAdapter implements OriginAdapter {
  readonly type = 'scripted'
  readonly queries: Query[] = []
  started = false
  closed = false
  readonly #answer: (keys: readonly string[]) => LoadedValues | undefined

  constructor(answer: (keys: readonly string[]) => LoadedValues | undefined) {
    this.#answer = answer
  }

  async start() {
    this.started = true
  }

  async close() {
    this.closed = true
  }

  async load(scope: LoadScope, keys: readonly string[], context: LoadContext): Promise<LoadedValues> {
    const answer = deferred<LoadedValues>()
    this.queries.push({ scope, keys, context, answer })
    return this.#answer(keys) ?? answer.promise
  }
}

export const echo = (keys: readonly string[]) => new Map(keys.map((key) => [key, Buffer.from(`value of ${key}`)]))

export function buildOrigin(
  answer: (keys: readonly string[]) => LoadedValues | undefined = echo,
  options: { batch?: number; maxConcurrent?: number; maxWaiting?: number; consecutiveFailures?: number } = {},
) {
  const { batch = 100, maxConcurrent = 10, maxWaiting = 10, consecutiveFailures = 3 } = options
  const clock = new ManualClock()
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
  const guard = new Guard({ name: 'catalog', timeoutMs: 1_000, maxConcurrent, maxWaiting }, { clock, breaker })
  const adapter = new ScriptedAdapter(answer)
  const origin = new GuardedOrigin({ name: 'catalog', batch }, { clock, guard, adapter })
  /** What became of one key: its value, `undefined` where there is none, or the error. */
  const load = async (key: string, scope: Partial<LoadScope> = {}, cause: LoadCause = 'miss') => {
    try {
      const loaded = await origin.load({ keyspace: 'product', tenant: '', ...scope, key, cause })
      return loaded.found ? loaded.value.toString() : undefined
    } catch (error) {
      return error
    }
  }
  const loadAll = (keys: readonly string[]) => Promise.all(keys.map((key) => load(key)))
  return { clock, breaker, guard, adapter, origin, load, loadAll }
}

export function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index))
}
