import { beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { silentLog } from '../../src/base/log.ts'
import { ERRAND_TTL_MS, type FleetErrand, FleetErrands } from '../../src/cache/fleet-errands.ts'
import { errandName } from '../../src/keyspace/physical-key.ts'
import { LockTable } from '../../src/store/lock-table.ts'
import type { Tier } from '../../src/store/tier.ts'
import type { FailingShard } from '../support/failing-shard.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { oneShard } from '../support/one-shard.ts'

const HEARTBEAT_MS = 200
const ERRAND = 'warm:product'

let clock: ManualClock
let shard: FailingShard
let store: Tier
let one: FleetErrands
let other: FleetErrands

beforeEach(async () => {
  ;({ clock, shard, store } = await oneShard())
  ;[one, other] = [sidecar(), sidecar()]
})

function sidecar(): FleetErrands {
  const table = new LockTable({ mostTtlMs: ERRAND_TTL_MS, heartbeatMs: HEARTBEAT_MS }, { tier: store, clock })
  return new FleetErrands('test', { table, clock, chance: systemChance, log: silentLog })
}

/** What has become of it by now. */
function outcomeOf(beginning: Promise<FleetErrand>) {
  const outcome: { errand?: FleetErrand; error?: unknown } = {}
  beginning.then(
    (errand) => {
      outcome.errand = errand
    },
    (error: unknown) => {
      outcome.error = error
    },
  )
  return outcome
}

/** A shard that has just started does not know what is under way. */
async function begun(errands: FleetErrands, what = ERRAND): Promise<FleetErrand> {
  const outcome = outcomeOf(errands.begin(what))
  await clock.advance(2 * ERRAND_TTL_MS)
  if (outcome.errand === undefined) throw outcome.error
  return outcome.errand
}

/** Somebody has it who does not renew it. */
async function heldByTheDead(): Promise<void> {
  const table = new LockTable({ mostTtlMs: ERRAND_TTL_MS, heartbeatMs: HEARTBEAT_MS }, { tier: store, clock })
  const token = systemChance.bytes(16)
  const attempt = { name: errandName('test', ERRAND), token, id: token, ttlMs: ERRAND_TTL_MS }
  expect((await table.take(attempt, 0)).outcome).toBe('granted')
  table.close()
}

describe('an errand of the fleet', () => {
  it('is refused to others for as long as its sidecar lives, however long that is, and free at once when it ends', async () => {
    const errand = await begun(one)
    await clock.advance(10 * ERRAND_TTL_MS)
    const second = outcomeOf(other.begin(ERRAND))
    await clock.advance(ERRAND_TTL_MS / 2)
    expect(second.error).toMatchObject({ reason: 'ERRAND_UNDER_WAY', metadata: { errand: ERRAND } })
    expect(errand.lost.aborted).toBe(false)
    await errand.end()
    const third = outcomeOf(other.begin(ERRAND))
    await clock.advance(0)
    expect(third.errand?.lost.aborted).toBe(false)
  })

  it('is refused to another call through the same sidecar', async () => {
    await begun(one)
    const second = outcomeOf(one.begin(ERRAND))
    await clock.advance(ERRAND_TTL_MS / 2)
    expect(second.error).toMatchObject({ reason: 'ERRAND_UNDER_WAY' })
  })

  it('has nothing to do with another', async () => {
    await begun(one)
    const second = outcomeOf(other.begin('warm:listing'))
    await clock.advance(0)
    expect(second.errand).toBeDefined()
  })

  it('of a sidecar that was killed is waited for', async () => {
    await heldByTheDead()
    const next = outcomeOf(other.begin(ERRAND))
    await clock.advance(ERRAND_TTL_MS - 1_000)
    expect(next).toEqual({})
    await clock.advance(2_000)
    expect(next.errand?.lost.aborted).toBe(false)
  })

  it('is lost when the shard gives no answer for so long that somebody else may have begun it', async () => {
    const errand = await begun(one)
    shard.down = true
    await clock.advance(ERRAND_TTL_MS / 2)
    expect(errand.lost.aborted).toBe(false)
    await clock.advance(ERRAND_TTL_MS)
    expect(errand.lost.aborted).toBe(true)
    await errand.end()
  })

  it('is not waited for any longer than its caller wants', async () => {
    await heldByTheDead()
    const gone = new AbortController()
    const waiting = outcomeOf(one.begin(ERRAND, gone.signal))
    await clock.advance(100)
    expect(waiting).toEqual({})
    gone.abort()
    await clock.advance(0)
    expect(waiting.error).toMatchObject({ reason: 'CANCELLED' })
  })

  it('ends with its sidecar, and leaves no timer', async () => {
    await begun(one)
    const before = clock.pending
    await one.close()
    expect(clock.pending).toBeLessThan(before)
    const next = outcomeOf(other.begin(ERRAND))
    await clock.advance(0)
    expect(next.errand).toBeDefined()
  })
})
