import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { BudgetAsk, BudgetGrant } from '../../src/store/budget.ts'
import type { Line } from '../../src/store/line.ts'
import { RedisServer as RedisTier } from '../../src/store/redis/redis-server.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { shardGuard } from '../support/redis-shard.ts'
import { LEASE_MS, SETTLE_MS, TwoTables } from './budget-rig.ts'

const QUIET_MS = LEASE_MS + 500
const OVER_MS = LEASE_MS + SETTLE_MS + 500

type Step =
  | { readonly name: 'flush' | 'restart' }
  | { readonly name: 'elapse'; readonly ms: number }
  | { readonly name: 'ask'; readonly member: string; readonly said: Partial<BudgetAsk> }

const rarely = fc.integer({ min: 0, max: 15 }).map((n) => n === 0)
const amount = fc.nat({ max: 12 })
const asks: fc.Arbitrary<Step> = fc.record({
  name: fc.constant('ask' as const),
  member: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  said: fc.record(
    {
      limit: fc.constantFrom(10, 10, 10, 7),
      fleet: fc.constantFrom(...Array.from({ length: 20 }, () => 4), 3, 12),
      running: fc.constantFrom(0, 0, 0, 1, 6),
      share: fc.constantFrom(0, 2, 2, 5),
      wants: amount,
      seated: rarely,
      moved: rarely,
      leaves: rarely,
    },
    { requiredKeys: ['running', 'share', 'wants', 'seated', 'moved', 'leaves'] },
  ),
})
const lateAsks = asks.map((step) => (step.name === 'ask' ? { ...step, said: { ...step.said, turn: 1 } } : step))
const elapses: fc.Arbitrary<Step> = fc.record({
  name: fc.constant('elapse' as const),
  ms: fc.constantFrom(100, 1_500, QUIET_MS, OVER_MS, OVER_MS, 700_000),
})
const losses: fc.Arbitrary<Step> = fc.record({ name: fc.constantFrom('flush' as const, 'restart' as const) })
const steps = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: asks },
    { weight: 1, arbitrary: lateAsks },
    { weight: 3, arbitrary: elapses },
    { weight: 1, arbitrary: losses },
  ),
  { minLength: 1, maxLength: 40 },
)

let server: RedisServer
let line: Line
let tier: RedisTier
let table: TwoTables

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
  table = new TwoTables(server, line)
})

async function apply(step: Step): Promise<BudgetGrant | undefined> {
  if (step.name === 'ask') return table.ask(step.member, step.said)
  if (step.name === 'elapse') await table.elapse(step.ms)
  else await table[step.name]()
  return undefined
}

describe('the table of shares in Lua and the one in process', () => {
  it('answer the same to the same asks', async () => {
    let granted = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        table = new TwoTables(server, line)
        await settled()
        for (const step of sequence) {
          const grant = await apply(step)
          if (grant?.outcome !== 'granted') continue
          if (grant.share > 2) granted += 1
          if (grant.seat === 'beyond') refused += 1
        }
      }),
      { numRuns: 500 },
    )
    // Otherwise nothing of what matters would have been compared.
    expect(granted).toBeGreaterThan(50)
    expect(refused).toBeGreaterThan(0)
  })
})

/** A table that is no longer new, of 10 calls for at most 4 sidecars: floors of 2, and 2 to be had. */
async function settled(...members: readonly string[]): Promise<void> {
  await table.ask('first', {})
  await table.elapse(OVER_MS)
  await table.ask('first', { leaves: true })
  for (const member of members) await table.ask(member, { wants: 0 })
}

/** One of 2 calls at most for 5 sidecars, that is, without floors. */
const scarce = { limit: 2, fleet: 5 }

describe('a table of shares', () => {
  it('gives a newcomer its floor at once while there are seats, and lends what is above all floors', async () => {
    await settled()
    expect(await table.ask('a', { wants: 10 })).toMatchObject({ share: 4, seat: 'taken', waitsMs: 0 })
    expect(await table.ask('b', { wants: 10 })).toMatchObject({ share: 2, seat: 'taken' })
  })

  it('takes nothing from a holder before it has said so', async () => {
    await settled('b')
    expect(await table.ask('a', { wants: 10 })).toMatchObject({ share: 4 })
    expect(await table.ask('b', { wants: 10 })).toMatchObject({ share: 2 })
    expect(await table.ask('a', { wants: 10, running: 4, share: 4, seated: true })).toMatchObject({ share: 3 })
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2 })
    expect(await table.ask('a', { wants: 10, running: 4, share: 3, seated: true })).toMatchObject({ share: 3 })
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2 })
    expect(await table.ask('a', { wants: 10, running: 3, share: 3, seated: true })).toMatchObject({ share: 3 })
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 3 })
  })

  it('keeps what a silent holder has until all that it started must be over', async () => {
    await settled('b')
    await table.ask('a', { wants: 10 })
    await table.elapse(LEASE_MS + SETTLE_MS - 500)
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2 })
    await table.elapse(600)
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 4 })
  })

  it('keeps a seat for a silent sidecar, so that who may stand in for it waits', async () => {
    await settled('a', 'b', 'c', 'd')
    await table.elapse(OVER_MS)
    for (const member of ['a', 'b', 'c']) await table.ask(member, { share: 2, seated: true })
    expect(await table.ask('e', { wants: 1 })).toMatchObject({ share: 1, seat: 'waiting' })
    expect(await table.ask('e', { share: 2, wants: 2, seated: true })).toMatchObject({ share: 2, seat: 'taken' })
  })

  it('gives the seat of one that left to the next at once', async () => {
    await settled('a', 'b', 'c', 'd')
    await table.ask('d', { leaves: true })
    expect(await table.ask('e', {})).toMatchObject({ share: 2, seat: 'taken' })
  })

  it('has no seat for more than there may be sidecars', async () => {
    await settled('a', 'b', 'c', 'd')
    expect(await table.ask('e', { wants: 5 })).toMatchObject({ share: 2, seat: 'beyond' })
    expect(await table.ask('f', { wants: 5 })).toMatchObject({ share: 0, seat: 'beyond' })
  })

  it.each(['flush', 'restart'] as const)(
    'renews what is held after a %s, and grants nothing for a while',
    async (loss) => {
      await settled('b')
      await table.ask('a', { wants: 10 })
      await table[loss]()
      expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2, seat: 'taken' })
      expect(await table.ask('a', { wants: 10, share: 4, seated: true })).toMatchObject({ share: 4, seat: 'taken' })
      expect(await table.ask('c', { wants: 10 })).toMatchObject({ share: 0, seat: 'waiting' })
      await table.elapse(LEASE_MS + SETTLE_MS - 500)
      expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2 })
      await table.elapse(600)
      expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ waitsMs: 0, share: 4 })
    },
  )

  it('is new to one that comes from another home, and to newcomers when nobody has asked for long', async () => {
    await settled()
    expect(await table.ask('a', { wants: 10, moved: true })).toMatchObject({ share: 0, waitsMs: LEASE_MS + SETTLE_MS })
    await table.elapse(OVER_MS)
    expect(await table.ask('a', { wants: 10 })).toMatchObject({ share: 4, waitsMs: 0 })
    await table.elapse(OVER_MS)
    expect(await table.ask('b', { wants: 10 })).toMatchObject({ share: 0, waitsMs: LEASE_MS + SETTLE_MS })
  })

  it('does not heed an ask that comes in after a later one', async () => {
    await settled()
    expect(await table.ask('a', { turn: 2, wants: 10 })).toMatchObject({ share: 4 })
    expect(await table.ask('a', { turn: 1, wants: 0 })).toEqual({ outcome: 'late' })
    expect(await table.ask('b', { wants: 10 })).toMatchObject({ share: 2 })
  })

  it('counts what runs though its lease is over, and lends nothing for that', async () => {
    await settled('b')
    await table.ask('a', { wants: 10 })
    await table.elapse(OVER_MS)
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 4 })
    expect(await table.ask('a', { wants: 10, running: 4, share: 2, seated: true })).toMatchObject({ share: 2 })
    expect(await table.ask('b', { wants: 10, share: 2, seated: true })).toMatchObject({ share: 2 })
  })

  it('divides evenly among those who want more than that, and leaves what others do not want to them', async () => {
    const amounts = { limit: 12, fleet: 20 }
    await settled()
    const held = new Map<string, number>()
    for (let round = 0; round < 4; round += 1) {
      for (const [member, wants] of [
        ['a', 2],
        ['b', 20],
        ['c', 20],
        ['d', 3],
      ] as const) {
        const grant = await table.ask(member, { ...amounts, wants, share: held.get(member) ?? 0 })
        if (grant.outcome === 'granted') held.set(member, grant.share)
      }
      await table.elapse(1)
    }
    expect([...held.values()].reduce((sum, share) => sum + share)).toBeLessThanOrEqual(12)
    expect(held.get('a')).toBe(2)
    expect(held.get('d')).toBe(3)
    expect([held.get('b'), held.get('c')].toSorted()).toEqual([3, 4])
  })

  it('lets what cannot be divided go round, so that nobody starves', async () => {
    await settled()
    const members = ['a', 'b', 'c', 'd', 'e']
    const held = new Map<string, number>()
    const served = new Map<string, number>()
    for (let round = 0; round < 240; round += 1) {
      for (const member of members) {
        const grant = await table.ask(member, { ...scarce, wants: 9, share: held.get(member) ?? 0 })
        const share = grant.outcome === 'granted' ? grant.share : 0
        held.set(member, share)
        served.set(member, (served.get(member) ?? 0) + share)
      }
      expect([...held.values()].reduce((sum, share) => sum + share)).toBeLessThanOrEqual(2)
      await table.elapse(LEASE_MS / 24)
    }
    const turns = members.map((member) => served.get(member) ?? 0)
    expect(Math.min(...turns)).toBeGreaterThan(0.7 * Math.max(...turns))
    expect(turns.reduce((sum, share) => sum + share)).toBeGreaterThan(240 * 2 * 0.8)
  })

  it('goes by the smallest limit in use', async () => {
    await settled()
    const share = async (member: string, limit: number, has: number) => {
      const grant = await table.ask(member, { limit, fleet: 20, wants: 20, share: has })
      return grant.outcome === 'granted' ? grant.share : undefined
    }
    expect(await share('a', 10, 0)).toBe(10)
    expect(await share('b', 6, 0)).toBe(0)
    expect(await share('a', 10, 10)).toBe(3)
    expect(await share('b', 6, 0)).toBe(0)
    expect(await share('a', 10, 3)).toBe(3)
    expect(await share('b', 6, 0)).toBe(3)
  })

  it('works on a server that is out of memory', async () => {
    const { client } = server
    await client.config('SET', 'maxmemory', '1')
    try {
      expect(await table.ask('a', { wants: 1 })).toMatchObject({ outcome: 'granted' })
    } finally {
      await client.config('SET', 'maxmemory', '0')
    }
  })
})
