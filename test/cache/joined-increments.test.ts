import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { INT64_MAX } from '../../src/base/int64.ts'
import type { IncrementRequest } from '../../src/cache/cache.ts'
import { JoinedIncrements } from '../../src/cache/joined-increments.ts'
import { ManualClock } from '../support/manual-clock.ts'

const request = (delta: bigint, more: Partial<IncrementRequest> = {}): IncrementRequest => ({
  ...{ keyspace: 'views', key: 'a', tenant: '', initial: 0n, requestId: '' },
  delta,
  ...more,
})

function counting(start = 0n) {
  const clock = new ManualClock()
  const joined = new JoinedIncrements(clock)
  const sent: bigint[] = []
  let sum = start
  let failure: RingsideError | undefined
  const send = async ({ delta }: IncrementRequest) => {
    sent.push(delta)
    if (failure !== undefined) throw failure
    if (sum + delta > INT64_MAX) throw new RingsideError('COUNTER_OVERFLOW', 'too much')
    sum += delta
    return sum
  }
  const add = (one: IncrementRequest, counter = 'c') => joined.add(counter, one, 5, send)
  const fail = (error: RingsideError) => {
    failure = error
  }
  return { clock, joined, sent, add, fail, sum: () => sum }
}

describe('additions to one counter within a short time', () => {
  it('are one, and each caller is told its own sum', async () => {
    const { clock, sent, add } = counting(100n)
    const sums = [1n, 2n, 3n].map((delta) => add(request(delta)))
    await clock.advance(4)
    expect(sent).toStrictEqual([])
    await clock.advance(1)
    expect(await Promise.all(sums)).toStrictEqual([101n, 103n, 106n])
    expect(sent).toStrictEqual([6n])
  })

  it('go by themselves where they can be repeated, have a ttl, or are for another counter or from another start', async () => {
    const { clock, sent, add } = counting()
    const all = [
      add(request(1n, { requestId: 'r' })),
      add(request(2n, { ttlMs: 5 })),
      add(request(4n)),
      add(request(8n), 'other'),
      add(request(16n, { initial: 7n })),
      add(request(-32n)),
    ]
    await clock.advance(5)
    await Promise.all(all)
    expect(sent).toStrictEqual([1n, 2n, 4n, 8n, 16n, -32n])
  })

  it('fail together', async () => {
    const { clock, add, fail } = counting()
    fail(new RingsideError('SHARD_UNAVAILABLE', 'gone'))
    const ends = Promise.allSettled([add(request(1n)), add(request(2n))])
    await clock.advance(5)
    expect((await ends).map(({ status }) => status)).toStrictEqual(['rejected', 'rejected'])
  })

  it('are not refused for one among them that is too much', async () => {
    const { clock, add, sum } = counting(INT64_MAX - 5n)
    const ends = Promise.allSettled([add(request(3n)), add(request(100n)), add(request(2n))])
    await clock.advance(5)
    expect((await ends).map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(sum()).toBe(INT64_MAX)
  })

  it('stay within 64 bits together', async () => {
    const { clock, sent, add } = counting(-INT64_MAX)
    const sums = Promise.allSettled([add(request(INT64_MAX)), add(request(INT64_MAX))])
    await clock.advance(5)
    expect((await sums).map(({ status }) => status)).toStrictEqual(['fulfilled', 'fulfilled'])
    expect(sent).toStrictEqual([INT64_MAX, INT64_MAX])
  })

  it('leave at once when the sidecar ends, none lost', async () => {
    const { joined, sent, add } = counting()
    const sums = [add(request(1n)), add(request(2n))]
    joined.close()
    expect(await Promise.all(sums)).toStrictEqual([1n, 3n])
    expect(await add(request(4n))).toBe(7n)
    expect(sent).toStrictEqual([3n, 4n])
  })
})
