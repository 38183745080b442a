import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { BacklogRecord } from '../../src/store/backlog.ts'
import type { Shard } from '../../src/store/shard.ts'
import { BacklogUnderTest } from '../contract/backlog-contract.ts'
import { content } from '../support/content.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { startRedisShard } from '../support/redis-shard.ts'

const MAX_BACKLOG = 6
const LEASE = { leaseTtlMs: 60_000, token: Buffer.alloc(16, 5) }

const step = fc.record({
  name: fc.constantFrom('write', 'write', 'delete', 'add', 'add', 'take', 'settle', 'settle', 'refuse', 'old'),
  also: fc.constantFrom('invalidate', 'put', 'acquire', undefined, undefined, undefined),
  key: fc.nat(2),
  token: fc.nat(1),
  value: fc.string({ maxLength: 5 }),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** One shard, asked in words that do not depend on its clock. */
class Teller {
  readonly #shard: Shard
  readonly #backlog: BacklogUnderTest
  readonly #space: string
  #taken: readonly BacklogRecord[] = []

  constructor(shard: Shard, space: string) {
    this.#shard = shard
    this.#space = space
    this.#backlog = new BacklogUnderTest(shard, { backlog: `${space}:~behind`, maxBacklog: MAX_BACKLOG })
  }

  async apply(one: Step): Promise<unknown> {
    const key = `${this.#space}:k:v1::${one.key}`
    return [await this.#change(key, one), await this.#beside(key, one), await this.#read(key)]
  }

  async #change(key: string, { name, token, value }: Step): Promise<unknown> {
    switch (name) {
      case 'write':
        return (await this.#backlog.put(key, value)).outcome
      case 'delete':
        return (await this.#backlog.put(key, '', { kind: 'negative', value: Buffer.alloc(0) })).outcome
      case 'add': {
        const { version: _, ...added } = await this.#backlog.add(key, BigInt(value.length))
        return added
      }
      case 'take': {
        const { oldestMs: _, ...taken } = await this.#backlog.take({ token: Buffer.alloc(16, token + 1) })
        if (taken.outcome === 'taken') this.#taken = taken.records
        return { ...taken, records: taken.records.map(({ id: _id, version: _version, ...record }) => record) }
      }
      default: {
        const all = this.#taken.filter(({ physicalKey }) => physicalKey === key)
        const last = all.at(name === 'old' ? 0 : -1)
        const read = await this.#shard.read(key)
        const isSum = last?.change === 'sum' && read.found
        const version = isSum ? read.entry.version : (last?.version ?? 1)
        const how = name === 'refuse' ? 'refused' : 'stored'
        return this.#backlog.settle(
          key,
          all.map(({ id }) => id),
          version,
          { how },
        )
      }
    }
  }

  async #beside(key: string, { also, value }: Step): Promise<unknown> {
    if (also === 'invalidate') return void (await this.#shard.invalidate(key, { staleKeepMs: 0 }))
    if (also === 'put') return (await this.#shard.put(key, content(value))).outcome
    return also === 'acquire' && (await this.#shard.acquire(key, LEASE)).outcome
  }

  async #read(key: string): Promise<unknown> {
    const read = await this.#shard.read(key)
    if (!read.found) return 'nothing'
    const { kind, value, ttlMs } = read.entry
    return [kind, value.toString(), ttlMs > 1e12]
  }
}

describe('backlogs of redis-shard and memory-shard', () => {
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
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const space = `run${runs++}`
        const [real, inProcess] = [new Teller(redis, space), new Teller(memory, space)]
        for (const [index, one] of steps.entries()) {
          const [a, b] = [await real.apply(one), await inProcess.apply(one)]
          expect({ index, one, answer: b }).toEqual({ index, one, answer: a })
        }
      }),
      { numRuns: 300 },
    )
    await memory.close()
  })
})
