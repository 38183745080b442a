import { describe, expect, it } from 'vitest'
import type { Reader } from '../../src/cache/cache.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { cacheRig } from '../support/cache-rig.ts'

/** What becomes of a read, errors included; `undefined` while it waits. */
async function rig(changes: Partial<KeyspacePolicy> = {}) {
  const made = await cacheRig(changes)
  const { clock, origin, cache } = made
  origin.rows.set('1', 'v')
  const read = (deadlineMs: number, key = '1') => {
    const ending: { outcome?: unknown } = {}
    const reader: Reader = { deadlineAt: clock.now() + deadlineMs, caller: '' }
    Promise.resolve(cache.get({ keyspace: 'product', key, tenant: '' }, reader)).then(
      (answer) => {
        ending.outcome = answer
      },
      (error: unknown) => {
        ending.outcome = error
      },
    )
    return ending
  }
  /** The load that is held was sent just now; loads take so long of late. */
  const send = (typicalMs: number | undefined) => {
    const { party } = origin.held[0]?.request ?? {}
    if (party === undefined) throw new Error('nobody waits for the load')
    party.sent = { at: clock.now(), typicalMs }
  }
  return { ...made, read, send }
}

describe('a reader with a deadline', () => {
  it('is told before half of its time is over that the origin had no place free', async () => {
    const { clock, origin, read } = await rig()
    origin.holding = true
    const ending = read(1_000)
    await clock.advance(449)
    expect(ending.outcome).toBe(undefined)
    await clock.advance(1)
    expect(ending.outcome).toMatchObject({ reason: 'ORIGIN_LIMIT', retryAfterMs: 1_000 })
  })

  it('leaves others and the cache what its load brings', async () => {
    const { clock, origin, read, get } = await rig()
    origin.holding = true
    const hasty = read(100)
    const patient = read(10_000)
    await clock.advance(50)
    expect(hasty.outcome).toMatchObject({ reason: 'ORIGIN_LIMIT' })
    origin.letGo()
    await clock.advance(0)
    expect(patient.outcome).toMatchObject({ outcome: 'found', source: 'origin' })
    expect(await get('1')).toMatchObject({ outcome: 'found', source: 'near' })
    expect(origin.asked).toHaveLength(1)
  })

  it('goes on waiting for a load that was sent and may still come in time', async () => {
    const { clock, origin, read, send } = await rig()
    origin.holding = true
    const ending = read(1_000)
    await clock.advance(300)
    send(400)
    await clock.advance(350)
    expect(ending.outcome).toBe(undefined)
    origin.letGo()
    await clock.advance(0)
    expect(ending.outcome).toMatchObject({ outcome: 'found' })
  })

  it('waits no longer for it than to nine tenths of its time', async () => {
    const { clock, origin, read, send } = await rig()
    origin.holding = true
    const ending = read(1_000)
    await clock.advance(300)
    send(400)
    await clock.advance(599)
    expect(ending.outcome).toBe(undefined)
    await clock.advance(1)
    expect(ending.outcome).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', retryAfterMs: 1_000 })
  })

  it.each([
    ['cannot come in time', 950, 450],
    ['should have come long ago', 50, 450],
    ['is late, but not by much', 200, 600],
  ])('waits for a load that %s until what is reasonable', async (_case, typicalMs, endsAt) => {
    const { clock, origin, read, send } = await rig()
    origin.holding = true
    const ending = read(1_000)
    await clock.advance(0)
    send(typicalMs)
    await clock.advance(endsAt - 1)
    expect(ending.outcome).toBe(undefined)
    await clock.advance(1)
    expect(ending.outcome).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
  })

  it('takes a stale answer before half of its time is over, where the policy has one', async () => {
    const { clock, origin, read, get } = await rig({ degradedMs: 600_000, ttlMs: 60_000 })
    await get('1')
    await clock.advance(70_000)
    origin.holding = true
    const ending = read(1_000)
    await clock.advance(500)
    expect(ending.outcome).toMatchObject({ outcome: 'found', degraded: true })
  })

  it('waits for the lease of another for less than half of its time', async () => {
    const { clock, origin, read, sidecar } = await rig()
    origin.holding = true
    const other = sidecar()
    const loading = other.get('1')
    await clock.advance(0)
    const ending = read(600)
    await clock.advance(269)
    expect(ending.outcome).toBe(undefined)
    await clock.advance(1)
    expect(ending.outcome).toMatchObject({ reason: 'LEASE_BUSY' })
    expect(origin.asked).toHaveLength(1)
    origin.letGo()
    await clock.advance(0)
    expect(await loading).toMatchObject({ outcome: 'found' })
  })

  it('is answered before its deadline by a shard that hangs', async () => {
    const { clock, shard, read } = await rig({ degradedThen: 'fail' })
    shard.readsWaitFor = new Promise(() => undefined)
    const ending = read(100)
    await clock.advance(89)
    expect(ending.outcome).toBe(undefined)
    await clock.advance(1)
    expect(ending.outcome).toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
  })

  it('hands on for whom, how many and how long it waits', async () => {
    const { clock, origin, read } = await rig()
    origin.holding = true
    read(1_000)
    await clock.advance(10)
    read(2_000)
    await clock.advance(0)
    expect(origin.held[0]?.request.party).toMatchObject({ size: 2, answerBy: 910 })
  })
})
