import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import { ProofTable } from '../../src/near/proof-table.ts'
import { Records } from '../../src/near/records.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { recordOf } from './record-of.ts'

describe.each(NEAR_POLICIES)('a proof of entries in a near cache that evicts by %s', (policy) => {
  const openCache = () => createNearCache({ maxBytes: 100_000, policy }, new ManualClock())

  it('raises the as-of of all that share it as it moves on, and no other', () => {
    const cache = openCache()
    const proof = { provenAt: 10 }
    cache.put('product:1', nearEntry({ asOf: 5, proof }))
    cache.put('product:2', nearEntry({ asOf: 20, proof }))
    cache.put('product:3', nearEntry({ asOf: 5, proof: { provenAt: 7 } }))
    cache.put('product:4', nearEntry({ asOf: 5 }))
    const asOfs = () => [1, 2, 3, 4].map((product) => cache.get(`product:${product}`)?.asOf)
    expect(asOfs()).toEqual([10, 20, 7, 5])
    proof.provenAt = 30
    expect(asOfs()).toEqual([30, 30, 7, 5])
  })

  it('leaves its entries with their own as-of when it is lost', () => {
    const cache = openCache()
    const proof = { provenAt: 10 }
    cache.put('product:1', nearEntry({ asOf: 5, proof }))
    proof.provenAt = Number.NEGATIVE_INFINITY
    expect(cache.get('product:1')?.asOf).toBe(5)
    expect(cache.peek('product:1')?.asOf).toBe(5)
  })

  it('counts when two answers of one version are compared', () => {
    const cache = openCache()
    cache.put('product:1', nearEntry({ asOf: 5, value: 'proven', proof: { provenAt: 10 } }))
    cache.put('product:1', nearEntry({ asOf: 8, value: 'later read' }))
    expect(cache.get('product:1')?.value.toString()).toBe('proven')
    cache.put('product:1', nearEntry({ asOf: 6, value: 'proven later', proof: { provenAt: 12 } }))
    expect(cache.get('product:1')).toMatchObject({ asOf: 12, value: Buffer.from('proven later') })
  })

  it('belongs to the entry it came with, not to the one that replaces it', () => {
    const cache = openCache()
    cache.put('product:1', nearEntry({ asOf: 5, version: 1, proof: { provenAt: 10 } }))
    cache.put('product:1', nearEntry({ asOf: 6, version: 2 }))
    expect(cache.get('product:1')?.asOf).toBe(6)
  })
})

describe('the table of proofs', () => {
  it('forgets a proof with the last record that refers to it, and uses its number again', () => {
    const records = new Records(1 << 20)
    const table = new ProofTable(records)
    const proofs = Array.from({ length: 1_000 }, (_, at) => ({ provenAt: at }))
    for (const proof of proofs) {
      const [first, second] = ['a', 'b'].map((key) => recordOf(records, key, nearEntry())) as [number, number]
      table.join(first, proof)
      table.join(second, proof)
      table.leave(first)
      expect([table.of(second), table.size]).toEqual([proof, 1])
      table.leave(second)
      expect(table.size).toBe(0)
      records.arena.freeChain(first)
      records.arena.freeChain(second)
    }
  })

  it('leaves a record unproven when all numbers are taken', () => {
    const records = new Records(1 << 24)
    const table = new ProofTable(records)
    for (let at = 0; at < 65_535; at += 1) table.join(recordOf(records, 'a', nearEntry()), { provenAt: at })
    const ref = recordOf(records, 'b', nearEntry())
    table.join(ref, { provenAt: 1 })
    expect(table.of(ref)).toBeUndefined()
    expect(table.size).toBe(65_535)
  })
})
