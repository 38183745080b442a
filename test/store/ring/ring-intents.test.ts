import { beforeEach, expect, it } from 'vitest'
import type { RingTier } from '../../../src/store/ring-tier.ts'
import type { Shard } from '../../../src/store/shard.ts'
import { content, keysThatMove, RingFleet } from './ring-fleet.ts'

const OLD = ['a', 'b']
const NEW = ['a', 'b', 'c']
const JOINING = ['a', 'b', 'c:joining']
const [key] = keysThatMove(OLD, NEW, 1) as [string]
const LONG_MS = 600_000
const token = Buffer.alloc(16, 1)
const DROP = { token, staleKeepMs: 0 }

let fleet: RingFleet
let first: RingTier
let second: RingTier

beforeEach(async () => {
  fleet = new RingFleet()
  first = await fleet.join('first', ...OLD)
  second = await fleet.join('second', ...OLD)
  await fleet.beats(2)
})

const home = (tier: RingTier) => tier.home(key)
const joinedOf = (tier: RingTier) => tier.shards.find(({ name }) => name === 'c') as Shard

async function isStorable(shard: Shard): Promise<boolean> {
  const own = Buffer.alloc(16, 2)
  const acquired = await shard.acquire(key, { token: own, leaseTtlMs: 1_000 })
  if (acquired.outcome !== 'granted') throw new Error(acquired.outcome)
  const filled = await shard.fill(key, own, content('loaded'))
  if (filled.outcome !== 'filled') await shard.release(key, own)
  return filled.outcome === 'filled'
}

/** Both have heard of the node that joins; nobody reads there yet. */
async function announce(): Promise<void> {
  await fleet.change(first, 'first', ...JOINING)
  await fleet.beats(2)
}

/** Everybody reads at the node that has joined. */
async function change(): Promise<void> {
  await fleet.change(second, 'second', ...JOINING)
  for (let beat = 0; beat < 60 && home(second).name !== 'c'; beat += 1) await fleet.beats(1)
  await fleet.beats(2)
  expect([home(first).name, home(second).name]).toEqual(['c', 'c'])
}

it('stands at every home of the key, and is settled there: the value goes where it is read', async () => {
  await announce()
  await home(first).put(key, content('old'))
  await home(first).intend(key, { token, ttlMs: LONG_MS })
  expect(await isStorable(joinedOf(first))).toBe(false)
  const settled = await home(first).settle(key, { ...DROP, content: content('new') })
  expect(settled.outcome).toBe('stored')
  expect(await home(second).read(key)).toMatchObject({ found: true, entry: { version: settled.version } })
  const elsewhere = await joinedOf(first).read(key)
  expect(elsewhere).toMatchObject({ found: false })
  expect(await isStorable(joinedOf(first))).toBe(true)
})

it('gives what it stores a version above that of what stood at other homes', async () => {
  await announce()
  const { version } = await joinedOf(first).put(key, content('of an earlier ring'))
  joinedOf(first).atLeast(version + 10_000_000)
  await joinedOf(first).put(key, content('of an earlier ring'))
  await home(first).intend(key, { token, ttlMs: LONG_MS })
  const settled = await home(first).settle(key, { ...DROP, content: content('new') })
  expect(settled.version).toBeGreaterThan(version + 10_000_000)
})

it('stands on where the key has moved meanwhile, and is settled there', async () => {
  await announce()
  await home(first).intend(key, { token, ttlMs: LONG_MS })
  await change()
  expect(await isStorable(home(first))).toBe(false)
  const { outcome, version } = await home(first).settle(key, { ...DROP, content: content('new') })
  expect(outcome).toBe('stored')
  expect(await home(second).read(key)).toMatchObject({ found: true, entry: { version } })
})
