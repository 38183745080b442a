import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { Share } from '../../src/guard/adaptive-limit.ts'
import type { BudgetAsk, BudgetGrant } from '../../src/store/budget.ts'
import { FleetShare } from '../../src/store/fleet-share.ts'
import type { Shard } from '../../src/store/shard.ts'
import { ManualClock } from '../support/manual-clock.ts'

const HEARTBEAT_MS = 800
const LEASE_MS = 2_400
const TIMEOUT_MS = 1_000
const SETTLE_MS = 2_500

const granted = (share: number, more: Partial<BudgetGrant> = {}): BudgetGrant =>
  ({ outcome: 'granted', share, seat: 'taken', waitsMs: 0, ...more }) as BudgetGrant

/** A meta shard that answers what the test says; `undefined` = not at all. */
class ScriptedTable {
  readonly asked: BudgetAsk[] = []
  answer: BudgetGrant | undefined = granted(0)
  tookMs = 0
  readonly #clock: ManualClock
  readonly shard: Shard

  constructor(name: string, clock: ManualClock) {
    this.#clock = clock
    this.shard = { name, budget: (ask: BudgetAsk) => this.#budget(ask) } as unknown as Shard
  }

  async #budget(ask: BudgetAsk) {
    this.asked.push(ask)
    const { answer } = this
    const sentAt = this.#clock.now()
    if (this.tookMs > 0) await new Promise<void>((resolve) => this.#clock.after(this.tookMs, resolve))
    if (answer === undefined) throw new RingsideError('SHARD_UNAVAILABLE', 'the test says so')
    return { grant: answer, sentAt }
  }
}

/** 10 calls for at most 4 sidecars: a floor of 2. */
async function rig({ limit = 10, first = granted(2) }: { limit?: number; first?: BudgetGrant | 'none' } = {}) {
  const clock = new ManualClock()
  await clock.advance(1)
  const table = new ScriptedTable('a', clock)
  const other = new ScriptedTable('b', clock)
  const demand = { running: 0, wanted: 0 }
  let share: Share = { most: -1, until: 0, after: -1 }
  let home = table
  let agreed = true
  const fleetShare = new FleetShare(
    {
      origin: 'db',
      key: 'test:~budget:db',
      member: 'm',
      limit,
      fleet: 4,
      timeoutMs: TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
      rules: ALL_RULES,
    },
    {
      tier: { home: () => home.shard, agrees: () => agreed },
      clock,
      log: silentLog,
      demand: () => ({ ...demand }),
      apply: (held) => {
        share = held
      },
    },
  )
  table.answer = first === 'none' ? undefined : first
  await fleetShare.start()
  const now = () => (clock.now() < share.until ? share.most : share.after)
  const beat = async () => {
    fleetShare.beat('a')
    await clock.advance(0)
  }
  const move = () => {
    home = other
  }
  const differ = () => {
    agreed = false
  }
  return { clock, table, other, demand, fleetShare, now, beat, move, differ }
}

describe('a share of the fleet', () => {
  it('is asked for with the heartbeats of the home of its table, and of no other shard', async () => {
    const { table, fleetShare, beat } = await rig()
    await beat()
    fleetShare.beat('b')
    expect(table.asked.map(({ turn }) => turn)).toEqual([1, 2])
    expect(table.asked[1]).toMatchObject({ limit: 10, fleet: 4, leaseMs: LEASE_MS, settleMs: SETTLE_MS, seated: true })
  })

  it('is good from the moment it was asked for, and then down to the floor', async () => {
    const { clock, table, demand, beat, now } = await rig()
    demand.wanted = 4
    table.answer = granted(4)
    table.tookMs = 300
    await beat()
    await clock.advance(300)
    demand.wanted = 0
    expect(now()).toBe(4)
    table.answer = undefined
    await clock.advance(LEASE_MS - 300 - 1)
    expect(now()).toBe(4)
    await clock.advance(1)
    expect(now()).toBe(2)
  })

  it('counts for nothing when the answer comes after its end', async () => {
    const { clock, table, demand, beat, now } = await rig()
    demand.wanted = 4
    table.answer = granted(4)
    table.tookMs = LEASE_MS
    await beat()
    await clock.advance(LEASE_MS)
    expect(now()).toBe(2)
  })

  it('is lowered before the table hears that it is not wanted, within three asks', async () => {
    const { table, demand, beat, now } = await rig()
    demand.wanted = 8
    table.answer = granted(8)
    await beat()
    expect(now()).toBe(8)
    demand.wanted = 3
    for (let ask = 0; ask < 3; ask += 1) await beat()
    expect(table.asked.at(-1)).toMatchObject({ share: 3, wants: 3 })
  })

  it('says what runs, though that be more than it may start', async () => {
    const { table, demand, beat } = await rig()
    Object.assign(demand, { running: 5, wanted: 5 })
    await beat()
    expect(table.asked.at(-1)).toMatchObject({ running: 5, share: 2, wants: 5 })
  })

  it('is asked for at once when it is short, and then eight times within a heartbeat', async () => {
    const { clock, table, demand, fleetShare } = await rig()
    await clock.advance(HEARTBEAT_MS / 8)
    demand.wanted = 5
    fleetShare.press()
    await clock.advance(0)
    expect(table.asked).toHaveLength(2)
    for (let call = 0; call < 10; call += 1) fleetShare.press()
    await clock.advance(HEARTBEAT_MS)
    expect(table.asked).toHaveLength(10)
    demand.wanted = 2
    await clock.advance(HEARTBEAT_MS)
    expect(table.asked.length).toBeLessThanOrEqual(11)
  })

  it('is not asked for in between while nobody answers', async () => {
    const { clock, table, demand, beat } = await rig()
    demand.wanted = 5
    table.answer = undefined
    await beat()
    await clock.advance(HEARTBEAT_MS - 1)
    expect(table.asked).toHaveLength(2)
  })

  it('renewed by a new table counts, unless it ran out before the answer came', async () => {
    const { clock, table, demand, beat, now } = await rig()
    demand.wanted = 4
    table.answer = granted(4)
    await beat()
    table.answer = granted(4, { waitsMs: 500 })
    await clock.advance(LEASE_MS - 300)
    table.tookMs = 200
    await beat()
    await clock.advance(200)
    expect(now()).toBe(4)
    table.answer = undefined
    table.tookMs = 0
    await clock.advance(LEASE_MS - 300)
    expect(now()).toBe(4)
    table.answer = granted(4, { waitsMs: 500 })
    table.tookMs = 200
    await beat()
    await clock.advance(200)
    expect(now()).toBe(2)
  })

  it('is not taken along to another home', async () => {
    const { table, other, demand, beat, fleetShare, clock, move, now } = await rig()
    demand.wanted = 6
    table.answer = granted(6)
    await beat()
    move()
    fleetShare.beat('b')
    expect(other.asked[0]).toMatchObject({ moved: true, share: 2 })
    await clock.advance(0)
    expect(now()).toBeLessThanOrEqual(2)
    await clock.advance(HEARTBEAT_MS)
    expect(other.asked.at(-1)).toMatchObject({ moved: false })
  })

  it('is not to grow anywhere while the table may have another home for others', async () => {
    const { table, demand, beat, differ } = await rig()
    demand.wanted = 4
    table.answer = granted(4)
    await beat()
    differ()
    await beat()
    expect(table.asked.at(-1)).toMatchObject({ moved: true, share: 4 })
  })

  it('ends with its word that nothing is held', async () => {
    const { table, fleetShare, now } = await rig()
    await fleetShare.close()
    expect(now()).toBe(0)
    expect(table.asked.at(-1)).toMatchObject({ leaves: true, running: 0, share: 0 })
  })

  it('does not end with such a word while something runs', async () => {
    const { table, fleetShare, demand } = await rig()
    demand.running = 1
    await fleetShare.close()
    expect(table.asked.at(-1)).toMatchObject({ leaves: false, running: 1, share: 0 })
  })
})

describe('the floor', () => {
  it('is there at once for whom the table has a seat', async () => {
    const { fleetShare, now } = await rig()
    expect(now()).toBe(2)
    expect(fleetShare).toMatchObject({ isOpen: true, stats: { seat: 'taken' } })
  })

  it.each([
    ['waits', granted(0, { seat: 'waiting' })],
    ['cannot be asked', 'none'],
  ])('is there for a newcomer whose table %s once nothing of whom it stands in for can run', async (_what, first) => {
    const { clock, now, fleetShare, table, beat } = await rig({ first: first as BudgetGrant | 'none' })
    await clock.advance(SETTLE_MS - 1)
    expect(now()).toBe(0)
    await clock.advance(1)
    expect(now()).toBe(2)
    await beat()
    expect(table.asked.at(-1)).toMatchObject({ seated: true })
    expect(now()).toBe(2)
    expect(fleetShare.stats.seat).toBe('taken')
  })

  it('is not there for more sidecars than there may be, until one of them has gone', async () => {
    const { clock, now, table, beat, fleetShare } = await rig({ first: granted(0, { seat: 'beyond' }) })
    await clock.advance(SETTLE_MS)
    expect(now()).toBe(0)
    expect(fleetShare.stats.seat).toBe('beyond')
    table.answer = granted(2)
    await beat()
    expect(now()).toBe(2)
  })

  it('is nothing where there are more sidecars than places, which may be lent all the same', async () => {
    const { now, demand, table, beat } = await rig({ limit: 3, first: granted(0) })
    expect(now()).toBe(0)
    demand.wanted = 2
    table.answer = granted(1)
    await beat()
    expect(now()).toBe(1)
  })
})
