import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { LockAcquired } from '../../src/store/fenced-lock.ts'
import type { Line } from '../../src/store/line.ts'
import { RedisServer as RedisTier } from '../../src/store/redis/redis-server.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { shardGuard } from '../support/redis-shard.ts'
import { bytes, MOST_TTL_MS, TwoLocks } from './fenced-locks-rig.ts'

const WAITERS = 4
const SILENT_MS = 2_000

const who = fc.nat({ max: WAITERS - 1 }).map((number) => number + 1)
const epoch = fc.constantFrom(1, 1, 1, 2)
const steps = fc.array(
  fc.oneof(
    fc.record({
      name: fc.constant('acquire' as const),
      who,
      // Far apart: nothing hangs on how fast this machine is.
      ttlMs: fc.constantFrom(10_000, 30_000),
      waitMs: fc.constantFrom(0, 1_000, 60_000),
      epoch,
      opensInMs: fc.constantFrom(0, 0, 20_000),
    }),
    fc.record({ name: fc.constant('renew' as const), who, epoch }),
    fc.record({
      name: fc.constant('release' as const),
      who,
      epoch,
      isWaiting: fc.boolean(),
      answers: fc.constantFrom(undefined, 0, 1, 2),
    }),
    fc.record({ name: fc.constant('elapse' as const), ms: fc.constantFrom(500, 1_500, 15_000) }),
  ),
  { minLength: 15, maxLength: 40 },
)

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never

let server: RedisServer
let line: Line
let tier: RedisTier
let locks: TwoLocks

beforeAll(async () => {
  server = await startRedis()
  tier = new RedisTier({ url: server.url, silenceMs: 60_000 }, { guard: shardGuard(5_000), clock: systemClock })
  line = await tier.dial(() => undefined)
})
afterAll(async () => {
  line.close()
  tier.close()
  await server.stop()
})
beforeEach(() => {
  locks = new TwoLocks(line, server)
})

/** What two servers agree on, each with a clock and tokens of its own. */
function inWords(answer: LockAcquired, tokens: number[]): unknown {
  if (answer.outcome === 'late') return 'late'
  if (answer.outcome === 'busy') return ['busy', Math.ceil(answer.leftMs / 500), answer.place]
  const isAgain = answer.fencing === tokens.at(-1)
  if (!isAgain) expect(answer.fencing).toBeGreaterThan(tokens.at(-1) ?? 0)
  tokens.push(answer.fencing)
  return ['granted', answer.token.toString('hex'), answer.answers, isAgain]
}

/** Both, asked for the same: what they answered is compared, and told. */
class Compared {
  readonly #locks = new TwoLocks(line, server)
  readonly #tokens: { readonly redis: number[]; readonly memory: number[] } = { redis: [], memory: [] }

  async apply(step: Step): Promise<string> {
    switch (step.name) {
      case 'elapse':
        await this.#locks.elapse(step.ms)
        return 'elapsed'
      case 'acquire': {
        const { redis, memory } = await this.#locks.acquire(step.who, step)
        expect(inWords(memory, this.#tokens.memory)).toEqual(inWords(redis, this.#tokens.redis))
        return redis.outcome
      }
      case 'renew': {
        const { redis, memory } = await this.#locks.renew(step.who, { epoch: step.epoch })
        expect(memory.outcome).toBe(redis.outcome)
        return redis.outcome
      }
      case 'release': {
        const { redis, memory } = await this.#locks.release(step.who, step)
        expect(memory).toBe(redis)
        return redis ? 'released' : 'fallen'
      }
    }
  }
}

describe('locks in Lua and those in process', () => {
  it('answer the same to the same requests, and never grant a token that is not larger than those before', async () => {
    const outcomes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const compared = new Compared()
        for (const step of sequence) {
          const outcome = await compared.apply(step)
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        }
      }),
      { numRuns: 400 },
    )
    for (const outcome of ['granted', 'busy', 'renewed', 'lost', 'released', 'fallen']) {
      expect(outcomes.get(outcome), outcome).toBeGreaterThan(20)
    }
  })
})

describe.each(['redis', 'memory'] as const)('a lock (%s)', (which) => {
  const acquire = async (...args: Parameters<TwoLocks['acquire']>) => (await locks.acquire(...args))[which]
  const renew = async (...args: Parameters<TwoLocks['renew']>) => (await locks.renew(...args))[which]
  const release = async (...args: Parameters<TwoLocks['release']>) => (await locks.release(...args))[which]
  const fencingOf = (answer: LockAcquired) => (answer.outcome === 'granted' ? answer.fencing : 0)
  const waiting = { waitMs: 60_000 }

  it('is held by one, until it is given back by that one', async () => {
    expect(await acquire(1)).toMatchObject({ outcome: 'granted', token: bytes(1) })
    expect(await acquire(2)).toMatchObject({ outcome: 'busy', place: -1 })
    expect(await release(2)).toBe(false)
    expect(await acquire(2)).toMatchObject({ outcome: 'busy' })
    expect(await release(1)).toBe(true)
    expect(await acquire(2)).toMatchObject({ outcome: 'granted' })
    expect(await release(1)).toBe(false)
  })

  it('falls when its time is over, and is not renewed then, though nobody has taken it', async () => {
    await acquire(1)
    await locks.elapse(9_000)
    expect(await renew(1)).toMatchObject({ outcome: 'renewed' })
    await locks.elapse(9_000)
    expect(await acquire(2)).toMatchObject({ outcome: 'busy' })
    await locks.elapse(1_500)
    expect(await renew(1)).toEqual({ outcome: 'lost' })
    expect(await release(1)).toBe(false)
    expect(await acquire(2)).toMatchObject({ outcome: 'granted' })
  })

  it('keeps its fencing token when it is renewed', async () => {
    const fencing = fencingOf(await acquire(1))
    expect(await renew(1)).toEqual({ outcome: 'renewed', fencing })
  })

  it('comes to those who wait in the order in which they came, whoever asks first', async () => {
    await acquire(1)
    expect(await acquire(2, waiting)).toMatchObject({ place: 0 })
    expect(await acquire(3, waiting)).toMatchObject({ place: 1 })
    await release(1)
    expect(await acquire(4)).toMatchObject({ outcome: 'busy', place: -1 })
    expect(await acquire(3, waiting)).toMatchObject({ outcome: 'busy', place: 1 })
    expect(await acquire(2, waiting)).toMatchObject({ outcome: 'granted' })
    expect(await acquire(3, waiting)).toMatchObject({ outcome: 'busy', place: 0 })
  })

  it('does not wait for one who has been silent for two seconds, nor for one who has left the line', async () => {
    await acquire(1, { ttlMs: 30_000 })
    for (const waiter of [2, 3, 4]) await acquire(waiter, waiting)
    await locks.elapse(SILENT_MS - 500)
    for (const waiter of [3, 4]) await acquire(waiter, waiting)
    await release(1)
    expect(await acquire(3, waiting)).toMatchObject({ outcome: 'busy', place: 1 })
    await locks.elapse(1_000)
    await release(3, { isWaiting: true })
    expect(await acquire(4, waiting)).toMatchObject({ outcome: 'granted' })
  })

  it('is granted again to a request that is repeated, with the same tokens', async () => {
    const first = await acquire(1, { id: bytes(9) })
    const again = await acquire(2, { id: bytes(9) })
    expect(again).toEqual({ ...first, answers: 2 })
  })

  it('is not given back by an attempt that came too late when a repeated one has it', async () => {
    await acquire(1, { id: bytes(9) })
    await acquire(2, { id: bytes(9) })
    expect(await release(1, { answers: 1 })).toBe(false)
    expect(await acquire(3)).toMatchObject({ outcome: 'busy' })
    expect(await release(1, { answers: 2 })).toBe(true)
  })

  it('has larger fencing tokens than were ever seen anywhere', async () => {
    const floor = 5_000_000_000_000_000
    const first = fencingOf(await acquire(1, { floor }))
    expect(first).toBe(floor)
    await release(1)
    expect(fencingOf(await acquire(2))).toBe(first + 1)
  })

  it('is granted to nobody for as long as somebody may hold what its record does not tell of', async () => {
    expect(await acquire(1, { opensInMs: 5_000 })).toMatchObject({ outcome: 'busy', leftMs: 5_000 })
    await acquire(1)
    expect(await acquire(2, { epoch: 2, opensInMs: 30_000 })).toMatchObject({ outcome: 'busy', leftMs: 30_000 })
    // Written by a server whose clock was far ahead.
    await renew(1, { ttlMs: 10 * MOST_TTL_MS })
    expect(await acquire(2, { epoch: 2 })).toMatchObject({ outcome: 'busy', leftMs: MOST_TTL_MS })
    expect(await renew(1, { epoch: 2 })).toEqual({ outcome: 'lost' })
  })

  it('stays with a holder who is sure that it has never ended, though the shard has lost a piece of its memory', async () => {
    const fencing = fencingOf(await acquire(1))
    expect(await renew(1, { epoch: 2, sureFencing: fencing })).toEqual({ outcome: 'renewed', fencing })
    expect(await acquire(2, { epoch: 2 })).toMatchObject({ outcome: 'busy' })
    expect(await release(1, { epoch: 2 })).toBe(true)
    expect(await acquire(2, { epoch: 2 })).toMatchObject({ outcome: 'granted' })
  })

  it('does not go back to one who was sure of it, once another has been granted it', async () => {
    const fencing = fencingOf(await acquire(1))
    await locks.elapse(20_000)
    await acquire(2)
    expect(await renew(1, { epoch: 2, sureFencing: fencing })).toEqual({ outcome: 'lost' })
    expect(await renew(1, { sureFencing: fencing })).toEqual({ outcome: 'lost' })
  })

  it('is not granted to a request that arrives when nobody waits for the answer any more', async () => {
    expect(await acquire(1, { tooLateMs: 1, ...waiting })).toEqual({ outcome: 'late' })
    expect(await acquire(2)).toMatchObject({ outcome: 'granted' })
  })
})

describe('a lock in Redis', () => {
  it('is never evicted while it is held, and is forgotten an hour after it was given back', async () => {
    await locks.acquire(1)
    expect(await server.client.pttl(locks.record)).toBe(-1)
    await locks.release(1)
    expect(await server.client.pttl(locks.record)).toBeGreaterThan(3_590_000)
  })
})
