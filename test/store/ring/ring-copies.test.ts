import { expect, it } from 'vitest'
import type { RingTier } from '../../../src/store/ring-tier.ts'
import type { Shard } from '../../../src/store/shard.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { memoryShard } from '../../support/memory-shard.ts'
import { ringTier } from '../../support/ring-tier.ts'

const KEYS = Array.from({ length: 50 }, (_, number) => `test:k:v1:acme:${number}`)

/** A tier of so many shards, started. */
async function tierOf(count: number): Promise<RingTier> {
  const clock = new ManualClock()
  const shards = Array.from({ length: count }, (_, number): Shard => memoryShard(clock, { name: `s${number}` }))
  const tier = ringTier(shards, { clock })
  const started = tier.start()
  await clock.advance(5_000)
  await started
  return tier
}

it('has each copy of a key on another shard, none of them its home', async () => {
  const tier = await tierOf(4)
  expect(tier.mostCopies).toBe(3)
  for (const key of KEYS) {
    const copies = [1, 2, 3].map((number) => tier.copy(key, number)?.shard.name)
    expect(new Set([tier.home(key).name, ...copies]).size).toBe(4)
  }
})

it('has no more copies than there are other shards', async () => {
  const tier = await tierOf(2)
  expect(tier.mostCopies).toBe(1)
  expect(tier.copy('test:k:v1::a', 1)).toBeDefined()
  expect(tier.copy('test:k:v1::a', 2)).toBeUndefined()
  expect((await tierOf(1)).copy('test:k:v1::a', 1)).toBeUndefined()
})

it('says the same each time, in whatever order it is asked, under the name of each copy', async () => {
  const tier = await tierOf(4)
  const [third, first, second] = [3, 1, 2].map((number) => tier.copy('test:k:v1:acme:a', number))
  expect(first?.name).toBe('test:k:v1:~c1:acme:a')
  expect([1, 2, 3].map((number) => tier.copy('test:k:v1:acme:a', number))).toEqual([first, second, third])
})

it('spreads copies of different keys of one home over the others', async () => {
  const tier = await tierOf(4)
  const first = KEYS.filter((key) => tier.home(key).name === 's0').map((key) => tier.copy(key, 1)?.shard.name)
  expect(new Set(first).size).toBe(3)
})
