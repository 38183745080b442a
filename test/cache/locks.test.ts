import { beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { silentLog } from '../../src/base/log.ts'
import { type Acquisition, type LockCaller, Locks } from '../../src/cache/locks.ts'
import { LockTable } from '../../src/store/lock-table.ts'
import type { Tier } from '../../src/store/tier.ts'
import type { FailingShard } from '../support/failing-shard.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { oneShard } from '../support/one-shard.ts'

const MOST_TTL_MS = 60_000
const PATIENT: LockCaller = { deadlineAt: Number.POSITIVE_INFINITY, onGone: () => undefined }
const LOCK = { name: 'report', tenant: '' }

let clock: ManualClock
let shard: FailingShard
let store: Tier
let one: Locks
let other: Locks

beforeEach(async () => {
  ;({ clock, shard, store } = await oneShard())
  ;[one, other] = [sidecar(), sidecar()]
})

function sidecar(): Locks {
  const table = new LockTable({ mostTtlMs: MOST_TTL_MS, heartbeatMs: 200 }, { tier: store, clock })
  return new Locks({ env: 'test', mostTtlMs: MOST_TTL_MS }, { table, clock, chance: systemChance, log: silentLog })
}

function ask(
  locks: Locks,
  { ttlMs = 10_000, waitMs = 0, requestId = '', caller = PATIENT }: Partial<Asked> = {},
): Promise<Acquisition> {
  return locks.acquire({ ...LOCK, ttlMs, waitMs, requestId }, caller)
}

interface Asked {
  readonly ttlMs: number
  readonly waitMs: number
  readonly requestId: string
  readonly caller: LockCaller
}

async function held(locks: Locks, asked: Partial<Asked> = {}) {
  const acquisition = await ask(locks, asked)
  if (!acquisition.acquired) throw new Error('it was not acquired')
  return { ...LOCK, ...acquisition }
}

/** Time passes while an answer is waited for. */
async function passing<T>(ms: number, answer: Promise<T>): Promise<T> {
  await clock.advance(ms)
  return answer
}

/** A caller that hangs up when it is told to. */
function fickle(): LockCaller & { hangUp(): void } {
  const listeners: (() => void)[] = []
  return {
    deadlineAt: Number.POSITIVE_INFINITY,
    onGone: (listener) => void listeners.push(listener),
    hangUp: () => {
      for (const listener of listeners) listener()
    },
  }
}

describe('a lock of the fleet', () => {
  it('is granted to one, and to the next when it was given back, with a larger fencing token', async () => {
    const first = await held(one)
    expect(first.standsMs).toBe(10_000)
    expect(await ask(other)).toEqual({ acquired: false, standsMs: 10_000 })
    expect(await one.release(first)).toBe(true)
    const second = await held(other)
    expect(second.fencing).toBeGreaterThan(first.fencing)
    expect(await one.release(first)).toBe(false)
    expect(one.results).toMatchObject({ granted: 1, released: 1, fallen: 1 })
    expect(other.results).toMatchObject({ granted: 1, busy: 1 })
  })

  it('wakes the first of those who wait as it is given back', async () => {
    const first = await held(one)
    const second = ask(other, { waitMs: 60_000 })
    const third = ask(one, { waitMs: 60_000 })
    await clock.advance(700)
    expect([one.waiting, other.waiting]).toEqual([1, 1])
    await one.release(first)
    // Less than anybody looks again in without being told.
    const { token } = (await passing(10, second)) as Extract<Acquisition, { acquired: true }>
    expect(one.waiting).toBe(1)
    await other.release({ ...LOCK, token })
    expect(await passing(10, third)).toMatchObject({ acquired: true })
  })

  it('falls to the first of those who wait when its time is over', async () => {
    await held(one, { ttlMs: 1_000 })
    expect(await passing(1_010, ask(other, { waitMs: 60_000 }))).toMatchObject({ acquired: true })
  })

  it('is waited for no longer than asked', async () => {
    await held(one)
    const waiting = ask(other, { waitMs: 3_000 })
    await clock.advance(2_990)
    expect(other.waiting).toBe(1)
    expect(await passing(20, waiting)).toEqual({ acquired: false, standsMs: 7_000 })
  })

  it('is waited for no longer than its caller waits for the answer', async () => {
    await held(one)
    const caller = { ...PATIENT, deadlineAt: clock.now() + 1_000 }
    expect(await passing(950, ask(other, { waitMs: 60_000, caller }))).toMatchObject({ acquired: false })
  })

  it('does not come to a caller who has hung up, nor waits for one', async () => {
    const first = await held(one)
    const caller = fickle()
    const gone = ask(other, { waitMs: 60_000, caller })
    const rejected = expect(gone).rejects.toMatchObject({ reason: 'CANCELLED' })
    const next = ask(one, { waitMs: 60_000 })
    await clock.advance(100)
    caller.hangUp()
    await clock.advance(0)
    await rejected
    await one.release(first)
    expect(await passing(10, next)).toMatchObject({ acquired: true })
    expect(other.results).toMatchObject({ abandoned: 1, granted: 0 })
  })

  it('is given back when it is granted as its caller hangs up', async () => {
    const caller = fickle()
    const granted = ask(one, { caller })
    caller.hangUp()
    await passing(
      0,
      granted.catch(() => undefined),
    )
    expect(await passing(0, ask(other))).toMatchObject({ acquired: true })
  })

  it('is granted again to a request that is repeated, through whichever sidecar', async () => {
    const first = await held(one, { requestId: 'job-7' })
    await clock.advance(2_000)
    const again = await held(other, { requestId: 'job-7' })
    expect(again).toMatchObject({ token: first.token, fencing: first.fencing, standsMs: 10_000 })
    expect(await ask(other, { requestId: 'job-8' })).toMatchObject({ acquired: false })
  })

  it('is renewed by its token, through whichever sidecar, and not once it has fallen', async () => {
    const first = await held(one)
    await clock.advance(8_000)
    expect(await other.renew(first, 5_000)).toEqual({ fencing: first.fencing, standsMs: 5_000 })
    // What its first sidecar believes to have ended is not given back behind its holder.
    await clock.advance(4_500)
    expect(await ask(one)).toMatchObject({ acquired: false })
    await clock.advance(600)
    await expect(other.renew(first, 5_000)).rejects.toMatchObject({ reason: 'LOCK_LOST' })
  })

  it.each([0, -1, MOST_TTL_MS + 1])('is not asked for with a ttl of %d ms', async (ttlMs) => {
    await expect(ask(one, { ttlMs })).rejects.toMatchObject({ reason: 'TTL_INVALID' })
    await expect(one.renew({ ...LOCK, token: Buffer.alloc(16) }, ttlMs)).rejects.toMatchObject({
      reason: 'TTL_INVALID',
    })
  })

  it('has a name and a tenant of its own', async () => {
    await held(one)
    const request = { ttlMs: 10_000, waitMs: 0, requestId: '' }
    for (const name of [
      { name: 'other', tenant: '' },
      { name: 'report', tenant: 'acme' },
      { name: '{report}', tenant: '' },
    ]) {
      expect(await other.acquire({ ...name, ...request }, PATIENT)).toMatchObject({ acquired: true })
    }
    const [empty, foreign] = [
      { name: '', tenant: '' },
      { name: 'a', tenant: 'a:b' },
    ]
    await expect(one.acquire({ ...empty, ...request }, PATIENT)).rejects.toMatchObject({ reason: 'KEY_INVALID' })
    await expect(one.acquire({ ...foreign, ...request }, PATIENT)).rejects.toMatchObject({ reason: 'TENANT_INVALID' })
  })

  it('makes nobody wait any longer when the sidecar stops', async () => {
    await held(one)
    const waiting = ask(other, { waitMs: 60_000 })
    await clock.advance(100)
    other.close()
    expect(await passing(0, waiting)).toMatchObject({ acquired: false })
  })
})

describe('a lock whose shard fails', () => {
  it('is not granted, renewed or given back', async () => {
    const first = await held(one)
    shard.down = true
    for (const answer of [ask(other), one.renew(first, 1_000), one.release(first)]) {
      await expect(answer).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    }
    expect(one.results.failed).toBe(2)
  })

  it('is looked at again and again by those who wait where nothing tells of its changes', async () => {
    shard.untracked = true
    const first = await held(one)
    const waiting = ask(other, { waitMs: 60_000 })
    await clock.advance(700)
    expect(shard.watchers).toBe(1)
    await one.release(first)
    expect(await passing(500, waiting)).toMatchObject({ acquired: true })
    expect(shard.watchers).toBe(0)
  })
})
