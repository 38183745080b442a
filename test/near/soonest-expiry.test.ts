import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { entryBytes } from '../../src/near/entry-cost.ts'
import { Slot } from '../../src/near/slot.ts'
import { SoonestExpiry } from '../../src/near/soonest-expiry.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

describe('soonest to expire first', () => {
  it('evicts what would have gone first anyway, for a newcomer that may go sooner still', () => {
    const cache = createNearCache({ maxBytes: 3 * entryBytes('a', nearEntry()), policy: 'ttl' }, new ManualClock())
    cache.put('a', nearEntry({ expiresAt: 300 }))
    cache.put('b', nearEntry({ expiresAt: 100 }))
    cache.put('c', nearEntry({ expiresAt: 200 }))
    cache.get('b')
    cache.put('d', nearEntry({ expiresAt: 50 }))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
  })

  it('follows an entry whose expiry was put off', () => {
    const cache = createNearCache({ maxBytes: 2 * entryBytes('a', nearEntry()), policy: 'ttl' }, new ManualClock())
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
        const policy = new SoonestExpiry()
        const slots = new Set(expiries.map((expiresAt) => new Slot('key', nearEntry({ expiresAt }), 1)))
        for (const slot of slots) policy.add(slot)
        for (const { at, to } of changes) changeOne(policy, slots, at, to)
        const order: number[] = []
        for (let slot = policy.evict(); slot !== undefined; slot = policy.evict()) order.push(slot.entry.expiresAt)
        expect(order).toEqual([...slots].map((slot) => slot.entry.expiresAt).sort((a, b) => a - b))
      }),
    )
  })
})

/** Moves the expiry of one of the slots, or takes it out where there is no new one. */
function changeOne(policy: SoonestExpiry, slots: Set<Slot>, at: number, expiresAt: number | undefined): void {
  const slot = [...slots][at % slots.size]
  if (slot === undefined) return
  if (expiresAt === undefined) {
    policy.remove(slot)
    slots.delete(slot)
  } else {
    slot.entry = nearEntry({ expiresAt })
    policy.resized(slot)
  }
}
