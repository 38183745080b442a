import { describe, expect, it } from 'vitest'
import { createNearCache, type NearPolicy } from '../../src/near/create-near-cache.ts'
import type { NearCache, NearEntry } from '../../src/near/near-cache.ts'
import { MARKS } from '../../src/near/record.ts'
import { Records } from '../../src/near/records.ts'
import { S3Fifo } from '../../src/near/s3-fifo.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { recordOf } from './record-of.ts'
import { roomFor } from './room-for.ts'

const entry = nearEntry({ value: Buffer.alloc(100) })
/** What such an entry takes, without its part of the tables. */
const COST = 256
const ROOM = roomFor(100, entry, 'frequency', 9)

/** Room for a hundred entries of one size: ten in the small queue, ninety in main. */
function openCache(policy: NearPolicy = 'frequency') {
  const clock = new ManualClock()
  return {
    clock,
    cache: createNearCache({ maxBytes: policy === 'lru' ? roomFor(100, entry, 'lru', 9) : ROOM, policy }, clock),
  }
}

function openPolicy() {
  const records = new Records(1 << 16)
  const policy = new S3Fifo(records, (order) => records.arena.takeTable(order), 1 << 16)
  const add = (key: string) => {
    const ref = recordOf(records, key, nearEntry())
    policy.reserve()
    policy.add(ref)
    return ref
  }
  return { records, policy, add }
}

const keyOf = (name: string, number: number) => `${name}:${String(number).padStart(8 - name.length, '0')}`

function putAll(cache: NearCache, name: string, count: number): void {
  for (let number = 0; number < count; number += 1) cache.put(keyOf(name, number), entry)
}

function readAll(cache: NearCache, name: string, count: number, times = 1): number {
  let found = 0
  for (let time = 0; time < times; time += 1) {
    found = 0
    for (let number = 0; number < count; number += 1) if (cache.get(keyOf(name, number)) !== undefined) found += 1
  }
  return found
}

describe('S3-FIFO', () => {
  it('keeps what is read through a scan of ten times its size, where LRU keeps nothing', () => {
    const kept = (['frequency', 'lru'] as const).map((policy) => {
      const { cache } = openCache(policy)
      putAll(cache, 'hot', 80)
      readAll(cache, 'hot', 80, 2)
      putAll(cache, 'scan', 1_000)
      return readAll(cache, 'hot', 80)
    })
    expect(kept).toEqual([80, 0])
  })

  it('promotes at two hits and not at one', () => {
    const { cache } = openCache()
    cache.put('onehit:00', entry)
    cache.put('twohit:00', entry)
    cache.get('onehit:00')
    readAll(cache, 'twohit', 1, 2)
    putAll(cache, 'scan', 200)
    expect(cache.get('onehit:00')).toBeUndefined()
    expect(cache.get('twohit:00')).toBeDefined()
  })

  it('takes a key that comes back soon after its eviction straight into main', () => {
    const { cache } = openCache()
    cache.put('again:000', entry)
    putAll(cache, 'scan', 150)
    expect(cache.get('again:000')).toBeUndefined()
    cache.put('again:000', entry)
    putAll(cache, 'more', 150)
    expect(cache.get('again:000')).toBeDefined()
  })

  it('no longer knows a key after twice as many evictions as it has entries', () => {
    const { cache } = openCache()
    cache.put('again:000', entry)
    putAll(cache, 'scan', 400)
    cache.put('again:000', entry)
    putAll(cache, 'more', 150)
    expect(cache.get('again:000')).toBeUndefined()
  })

  it('lets an entry of main live one round longer for each hit, for three at most', () => {
    const { records, policy, add } = openPolicy()
    const [never, once, often] = ['never', 'once', 'often'].map((key) => add(key)) as [number, number, number]
    for (const ref of [never, once, often]) {
      policy.hit(ref)
      policy.hit(ref)
    }
    // Nothing waits that wasn't read twice, so all three move to main, their hits spent, and the first to go is in turn.
    expect(policy.evict(0, 1 << 20, 0)).toBe(never)
    policy.hit(once)
    for (let read = 0; read < 10; read += 1) policy.hit(often)
    // `once` has paid its one hit by now, and `often` the first of three.
    expect([policy.evict(0, 0, 0), records.int(often, MARKS) >>> 8]).toEqual([once, 2])
    expect([policy.evict(0, 0, 0), policy.evict(0, 0, 0)]).toEqual([often, 0])
  })

  it('remembers a dropped value, so that an invalidated hot key need not prove itself again', () => {
    const { cache } = openCache()
    putAll(cache, 'fill', 100)
    cache.put('hot:00000', entry)
    cache.drop('hot:00000')
    cache.put('hot:00000', entry)
    putAll(cache, 'scan', 150)
    expect(cache.get('hot:00000')).toBeDefined()
  })

  it('does not let asks for what does not exist flush its memory of values', () => {
    const { cache } = openCache()
    cache.put('again:000', entry)
    putAll(cache, 'scan', 150)
    for (let missing = 0; missing < 2_000; missing += 1)
      cache.put(keyOf('none', missing), nearEntry({ kind: 'negative' }))
    cache.put('again:000', entry)
    putAll(cache, 'more', 150)
    expect(cache.get('again:000')).toBeDefined()
  })

  it('keeps its place and its hits when a value is replaced', () => {
    const { cache } = openCache()
    cache.put('hot:00000', entry)
    cache.get('hot:00000')
    cache.put('hot:00000', { ...entry, version: 2 })
    cache.get('hot:00000')
    putAll(cache, 'scan', 500)
    expect(cache.get('hot:00000')?.version).toBe(2)
  })

  it('asks more hits of a big value than of a small one', () => {
    const kept = [2, 40].map((reads) => {
      const { cache } = openCache()
      const big = nearEntry({ value: Buffer.alloc(8 * COST) })
      putAll(cache, 'fill', 50)
      cache.put('big:00000', big)
      for (let read = 0; read < reads; read += 1) cache.get('big:00000')
      putAll(cache, 'scan', 300)
      return cache.get('big:00000') !== undefined
    })
    expect(kept).toEqual([false, true])
  })

  it('takes a value larger than its small queue at the second load when room is short', () => {
    const { cache } = openCache()
    putAll(cache, 'hot', 80)
    readAll(cache, 'hot', 80, 2)
    putAll(cache, 'scan', 100)
    const big = nearEntry({ value: Buffer.alloc(30 * COST) })
    cache.put('big:00000', big)
    expect(cache.get('big:00000')).toBeUndefined()
    expect(readAll(cache, 'hot', 80)).toBe(80)
    expect(cache.stats().evictions.rejected).toBe(1)
    cache.put('big:00000', big)
    expect(cache.get('big:00000')).toBeDefined()
  })

  it('takes a value of many times the mean size only at its second load when room is short', () => {
    const openFull = () => {
      const cache = createNearCache({ maxBytes: 2_000 * COST, policy: 'frequency' }, new ManualClock())
      putAll(cache, 'small', 2_500)
      return cache
    }
    const [modest, large] = [16, 80].map((times) => nearEntry({ value: Buffer.alloc(times * COST) })) as [
      NearEntry,
      NearEntry,
    ]
    const cache = openFull()
    const before = cache.stats()
    cache.put('large:000', large)
    expect(cache.get('large:000')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ entries: before.entries, evictions: { rejected: 1 } })
    cache.put('modest:00', modest)
    expect(cache.get('modest:00')).toBeDefined()
    cache.put('large:000', large)
    expect(cache.get('large:000')).toBeDefined()
  })

  it('no longer takes such a value when its first load was long ago', () => {
    const cache = createNearCache({ maxBytes: 2_000 * COST, policy: 'frequency' }, new ManualClock())
    putAll(cache, 'small', 2_500)
    const large = nearEntry({ value: Buffer.alloc(150 * COST) })
    cache.put('large:000', large)
    putAll(cache, 'other', 2_500)
    cache.put('large:000', large)
    expect(cache.get('large:000')).toBeUndefined()
  })

  it('finds a victim when everything waiting was read twice and the newcomer belongs in main', () => {
    const { cache } = openCache()
    putAll(cache, 'scan', 101)
    for (let number = 1; number <= 100; number += 1) cache.drop(keyOf('scan', number))
    const wide = nearEntry({ value: Buffer.alloc(4 * COST) })
    for (let number = 0; number < 2; number += 1) {
      cache.put(keyOf('wide', number), wide)
      for (let read = 0; read < 9; read += 1) cache.get(keyOf('wide', number))
    }
    const huge = nearEntry({ value: Buffer.alloc(80 * COST) })
    cache.put('huge:0000', huge)
    cache.put('huge:0000', huge)
    expect(cache.get('huge:0000')).toBeDefined()
  })

  it('lets expired entries go first, however often they were read', async () => {
    const { cache, clock } = openCache()
    cache.put('brief:000', { ...entry, expiresAt: 10 })
    readAll(cache, 'brief', 1, 3)
    await clock.advance(11)
    putAll(cache, 'scan', 100)
    expect(cache.stats()).toMatchObject({ entries: 100, evictions: { expired: 1, size: 0 } })
  })
})
