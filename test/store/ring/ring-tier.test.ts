import { beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../../src/base/errors.ts'
import type { RingTier } from '../../../src/store/ring-tier.ts'
import type { ShardRead } from '../../../src/store/shard.ts'
import { content, keysThatMove, nodes, RingFleet, SLICES } from './ring-fleet.ts'

const OLD = ['a', 'b']
const NEW = ['a', 'b', 'c']
const JOINING = ['a', 'b', 'c:joining']
const keys = keysThatMove(OLD, NEW, 16)
const key = keys[0] as string

const read = (tier: RingTier, one = key): Promise<ShardRead> => tier.home(one).read(one)
const textIn = (found: ShardRead): string | undefined => (found.found ? found.entry.value.toString() : undefined)
const homesOf = (tier: RingTier): ReadonlySet<string> => new Set(keys.map((one) => tier.home(one).name))
const invalidate = (tier: RingTier) => tier.home(key).invalidate(key, { staleKeepMs: 0 })

let fleet: RingFleet
let first: RingTier
let second: RingTier

beforeEach(async () => {
  fleet = new RingFleet()
  first = await fleet.join('first', ...OLD)
  second = await fleet.join('second', ...OLD)
  await fleet.beats(2)
})

/** Lets time pass for what waits for others. */
async function during<T>(running: Promise<T>): Promise<T> {
  // It is awaited below, and may reject before.
  running.catch(() => undefined)
  await fleet.beats(2)
  return running
}

/** Beats until a change is through everywhere. */
async function settle(...tiers: readonly RingTier[]): Promise<void> {
  await fleet.beats(1)
  for (let beat = 0; beat < 40 && tiers.some(({ differMs }) => differMs > 0); beat += 1) await fleet.beats(1)
  expect(tiers.map(({ differMs }) => differMs)).toEqual(tiers.map(() => 0))
}

describe('a node that joins', () => {
  it('is read by nobody before all have it in their lists, and then by all', async () => {
    await fleet.change(first, 'first', ...JOINING)
    await fleet.beats(10)
    expect([...homesOf(first)]).not.toContain('c')
    expect(first.differMs).toBeGreaterThan(0)
    await fleet.change(second, 'second', ...JOINING)
    await settle(first, second)
    expect([homesOf(first), homesOf(second)]).toEqual([new Set(['c']), new Set(['c'])])
  })

  it('is filled slice by slice, and no further while the origins have no room', async () => {
    for (const [tier, member] of [[first, 'first'] as const, [second, 'second'] as const]) {
      await fleet.change(tier, member, ...JOINING)
    }
    const shares = new Set<number>()
    fleet.mayGoOn = false
    await fleet.beats(12)
    expect(first.movedShare).toBe(1 / (SLICES + 1))
    fleet.mayGoOn = true
    for (let beat = 0; beat < 2 * SLICES; beat += 1) {
      shares.add(first.movedShare)
      await fleet.beats(1)
    }
    expect([...shares]).toEqual([1, 2, 3, 4, 5].map((slices) => slices / (SLICES + 1)))
  })

  it('gets every write as soon as somebody may read it, and holds no values before', async () => {
    await first.home(key).put(key, content('old'))
    await fleet.change(first, 'first', ...JOINING)
    await fleet.beats(2)
    await first.home(key).put(key, content('new'))
    const joined = first.shards.find(({ name }) => name === 'c')
    expect(await joined?.read(key)).toMatchObject({ found: false, version: expect.any(Number) })
    expect(textIn(await read(second))).toBe('new')
  })

  it('has the changes of those who do not read it yet, in the middle of a change', async () => {
    await first.home(key).put(key, content('old'))
    await fleet.change(first, 'first', ...JOINING)
    await fleet.change(second, 'second', ...JOINING)
    const version = await during(invalidate(second))
    await settle(first, second)
    const after = await first.home(key).put(key, content('new'))
    expect(after.version).toBeGreaterThan(version)
    await invalidate(second)
    expect((await read(first)).found).toBe(false)
  })

  it('makes strict readers ask elsewhere for the keys that move, for as long as it takes', async () => {
    const stays = Array.from({ length: 50 }, (_, number) => `stays${number}`).find(
      (one) => !keys.includes(one) && one !== key,
    )
    expect(first.agrees(key)).toBe(true)
    await fleet.change(first, 'first', ...JOINING)
    await fleet.beats(1)
    expect(first.agrees(key)).toBe(false)
    await fleet.change(second, 'second', ...JOINING)
    await settle(first, second)
    await fleet.beats(6)
    expect(first.agrees(key)).toBe(true)
    expect(stays).toBeDefined()
  })
})

describe('a node that leaves', () => {
  it('is closed when no ring has it any more, and not before', async () => {
    await fleet.change(first, 'first', 'a', 'b:leaving')
    await fleet.change(second, 'second', 'a', 'b:leaving')
    await settle(first, second)
    await fleet.beats(6)
    expect(fleet.closed).toEqual([])
    await fleet.change(first, 'first', 'a')
    await fleet.beats(2)
    expect(fleet.closed).toEqual(['first/b'])
    expect(first.shards.map(({ name }) => name)).toEqual(['a'])
  })

  it('leaves nothing behind that is answered when its keys come back', async () => {
    const all = async (...words: readonly string[]) => {
      await fleet.change(first, 'first', ...words)
      await fleet.change(second, 'second', ...words)
      await settle(first, second)
      await fleet.beats(6)
    }
    await first.home(key).put(key, content('of the old days'))
    await all(...NEW)
    await first.home(key).put(key, content('changed meanwhile'))
    await all('a', 'b', 'c:leaving')
    expect((await read(first)).found).toBe(false)
    const token = Buffer.alloc(16, 1)
    const acquired = await first.home(key).acquire(key, { token, leaseTtlMs: 1_000 })
    expect(acquired).toMatchObject({ outcome: 'granted', stale: undefined })
    expect(await first.home(key).fill(key, token, content('loaded'))).toMatchObject({ outcome: 'filled' })
    expect(textIn(await read(second))).toBe('loaded')
  })

  it('keeps what did not move', async () => {
    const kept = Array.from({ length: 200 }, (_, number) => `kept${number}`).filter(
      (one) => first.home(one).name === 'a',
    )
    for (const one of kept) await first.home(one).put(one, content(one))
    await fleet.change(first, 'first', 'a', 'b:leaving')
    await fleet.change(second, 'second', 'a', 'b:leaving')
    await settle(first, second)
    for (const one of kept) expect(textIn(await read(second, one))).toBe(one)
  })
})

describe('a newcomer', () => {
  it('reads by the ring in use, not by the one of its own old list', async () => {
    await fleet.change(first, 'first', 'a')
    await fleet.change(second, 'second', 'a')
    await settle(first, second)
    await fleet.beats(6)
    const moved = keysThatMove(OLD, ['a'], 1)[0] as string
    const late = await fleet.join('late', ...OLD)
    expect(late.home(moved).name).toBe('a')
    await first.home(moved).put(moved, content('new'))
    expect(textIn(await read(late, moved))).toBe('new')
  })

  it('fails the writes of keys whose home it has no address of, and reads them nowhere', async () => {
    await fleet.change(first, 'first', ...NEW)
    await fleet.change(second, 'second', ...NEW)
    await settle(first, second)
    const late = await fleet.join('late', ...OLD)
    await expect(invalidate(late)).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    await expect(late.home(key).put(key, content('x'))).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    await expect(read(late)).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    expect(await late.home(key).defer(key, 0)).toBe(false)
    await fleet.change(late, 'late', ...NEW)
    await fleet.beats(4)
    expect(await invalidate(late)).toBeGreaterThan(0)
  })

  it('does not have the fleet go back to the ring of its old list', async () => {
    await fleet.change(first, 'first', ...NEW)
    await fleet.change(second, 'second', ...NEW)
    await settle(first, second)
    await fleet.join('late', ...OLD)
    await fleet.beats(10)
    expect(homesOf(first)).toEqual(new Set(['c']))
    expect(first.differMs).toBeGreaterThan(0)
  })
})

describe('a list of nodes', () => {
  it.each([
    ['without an active node', ['a:leaving', 'c:joining'], 'none is active'],
    ['with a node twice', ['a', 'a:leaving', 'b'], 'two nodes of one name'],
  ])('%s is refused, and what was before stays', async (_what, words, why) => {
    const change = first.change(nodes(...words), () => Promise.reject(new Error('opened')))
    await expect(change).rejects.toThrow(why)
    await expect(change).rejects.toBeInstanceOf(RingsideError)
    expect(first.nodes).toEqual(nodes(...OLD))
    await fleet.change(first, 'first', ...NEW)
    expect(first.shards).toHaveLength(3)
  })
})

describe('a node that is taken out of the list while it is dead', () => {
  it('is not waited for', async () => {
    const lost = first.shards.find(({ name }) => name === 'b')
    await lost?.close()
    await second.shards.find(({ name }) => name === 'b')?.close()
    await fleet.change(first, 'first', 'a')
    await fleet.change(second, 'second', 'a')
    await fleet.beats(20)
    const moved = keysThatMove(OLD, ['a'], 1)[0] as string
    expect(first.home(moved).name).toBe('a')
    expect(await first.home(moved).invalidate(moved, { staleKeepMs: 0 })).toBeGreaterThan(0)
  })
})
