import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { INT64_MAX, INT64_MIN } from '../../src/base/int64.ts'
import type { Shard } from '../../src/store/shard.ts'
import { increment } from '../contract/counter-contract.ts'
import { content } from '../support/content.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { startRedisShard } from '../support/redis-shard.ts'

const amount = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.constantFrom(INT64_MIN, INT64_MAX, 0n, 999_999_999n, 1_000_000_000n, -1_000_000_000n, 2n ** 53n),
)
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ delta: amount, initial: amount, id: fc.nat(5), mayCreate: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('invalidate' as const) },
  { weight: 1, arbitrary: fc.constant('negative' as const) },
  {
    weight: 1,
    arbitrary: fc.oneof(amount.map(String), fc.constantFrom('', '-', '1.5', ' 1', '00', '-0', '1'.repeat(20))),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** The answer, and what can be read afterwards; versions are those of each shard's own clock. */
async function apply(shard: Shard, key: string, one: Step): Promise<unknown> {
  const answer = await applied(shard, key, one)
  const read = await shard.read(key)
  return [answer, read.found && [read.entry.kind, read.entry.value.toString()]]
}

async function applied(shard: Shard, key: string, one: Step): Promise<unknown> {
  if (one === 'invalidate') return void (await shard.invalidate(key, { staleKeepMs: 0 }))
  if (one === 'negative') return (await shard.put(key, content('', { kind: 'negative' }))).outcome
  if (typeof one === 'string') return (await shard.put(key, content(one))).outcome
  const { id, ...changes } = one
  const requestId = id === 0 ? undefined : Buffer.alloc(8, id)
  const { version, ...answer } = await increment(shard, key, { ...changes, requestId })
  return [answer, version > 0]
}

describe('counters of redis-shard and memory-shard', () => {
  let started: Awaited<ReturnType<typeof startRedisShard>>
  let redis: Shard

  beforeAll(async () => {
    started = await startRedisShard()
    redis = started.shard
  })
  afterAll(() => started.stop())

  it('give the same answers to the same operations', async () => {
    let runs = 0
    const memory = memoryShard(systemClock)
    await memory.start()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const key = `test:n:v1::${runs++}`
        for (const one of steps) {
          expect({ one, answer: await apply(memory, key, one) }).toEqual({ one, answer: await apply(redis, key, one) })
        }
      }),
      { numRuns: 300 },
    )
    await memory.close()
  })
})
