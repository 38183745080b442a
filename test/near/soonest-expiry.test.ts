import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { Records } from '../../src/near/records.ts'
import { SoonestExpiry } from '../../src/near/soonest-expiry.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { recordOf } from './record-of.ts'
import { roomFor } from './room-for.ts'

describe('soonest to expire first', () => {
  it('evicts what would have gone first anyway, for a newcomer that may go sooner still', () => {
    const cache = createNearCache({ maxBytes: roomFor(3, nearEntry(), 'ttl'), policy: 'ttl' }, new ManualClock())
    cache.put('a', nearEntry({ expiresAt: 300 }))
    cache.put('b', nearEntry({ expiresAt: 100 }))
    cache.put('c', nearEntry({ expiresAt: 200 }))
    cache.get('b')
    cache.put('d', nearEntry({ expiresAt: 50 }))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
  })

  it('follows an entry whose expiry was put off', () => {
    const cache = createNearCache({ maxBytes: roomFor(2, nearEntry(), 'ttl'), policy: 'ttl' }, new ManualClock())
    cache.put('a', nearEntry({ expiresAt: 100 }))
    cache.put('b', nearEntry({ expiresAt: 200 }))
    cache.put('a', nearEntry({ expiresAt: 300, version: 2 }))
    cache.put('c', nearEntry({ expiresAt: 400 }))
    expect(['a', 'b', 'c'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c'])
  })

  it('evicts in the order of expiry after any course of joining, leaving and putting off', () => {
    const expiry = fc.nat(1_000)
    const change = fc.record({ at: fc.nat(1_000), to: fc.option(expiry, { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(expiry, { minLength: 1, maxLength: 60 }), fc.array(change), (expiries, changes) => {
        const { records, policy, add, remove, residents } = openPolicy()
        for (const expiresAt of expiries) add(expiresAt)
        for (const { at, to } of changes) {
          remove([...residents][at % residents.size] ?? 0)
          if (to !== undefined) add(to)
        }
        const expected = [...residents].map((ref) => records.expiresAt(ref)).sort((a, b) => a - b)
        const order: number[] = []
        for (let ref = policy.evict(); ref !== 0; ref = policy.evict()) order.push(records.expiresAt(ref))
        expect(order).toEqual(expected)
      }),
    )
  })
})

function openPolicy() {
  const records = new Records(1 << 16)
  const policy = new SoonestExpiry(records, (order) => records.arena.takeTable(order))
  const residents = new Set<number>()
  const add = (expiresAt: number) => {
    const ref = recordOf(records, 'key', nearEntry({ expiresAt }))
    expect(policy.reserve()).toBe(true)
    policy.add(ref)
    residents.add(ref)
  }
  const remove = (ref: number) => {
    if (!residents.delete(ref)) return
    policy.leave(ref)
    records.arena.freeChain(ref)
  }
  return { records, policy, add, remove, residents }
}
