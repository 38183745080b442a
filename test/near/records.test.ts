import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GRANULE_BYTES } from '../../src/near/arena.ts'
import { payloadBytes, plannedBytes } from '../../src/near/block-plan.ts'
import { Records } from '../../src/near/records.ts'
import { nearEntry } from './near-entry.ts'
import { recordOf } from './record-of.ts'

const patternOf = (length: number, seed: number) => Buffer.from(Array.from({ length }, (_, at) => at * 7 + seed))

/** Leaves holes of every size in an arena that is full otherwise. */
function perforate(records: Records, lengths: readonly number[]): void {
  const refs: number[] = []
  for (let at = 0; ; at += 1) {
    const ref = recordOf(records, 'filler', nearEntry({ value: patternOf(lengths[at % lengths.length]!, at) }))
    if (ref === 0) break
    refs.push(ref)
  }
  refs.forEach((ref, at) => {
    if (at % 3 === 0) records.arena.freeChain(ref)
  })
}

describe('records', () => {
  it('hold any key and value whole, in whatever blocks are free', () => {
    const key = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }))
    const fillers = fc.array(fc.nat(700), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(key, fc.nat(5_000), fillers, (key, length, fillers) => {
        const records = new Records(32_768)
        perforate(records, fillers)
        const value = patternOf(length, 3)
        const ref = recordOf(records, key, nearEntry({ value }))
        if (ref === 0) return
        const near = recordOf(records, 'near', nearEntry({ value: patternOf(100, 9) }))
        expect(records.value(ref).equals(value)).toBe(true)
        expect(records.keyIs(ref, key)).toBe(true)
        for (const other of [`${key}x`, key.slice(1), `ж${key.slice(1)}`, `z${key.slice(1)}`]) {
          expect(records.keyIs(ref, other)).toBe(other === key)
        }
        if (near !== 0) expect(records.value(near).equals(patternOf(100, 9))).toBe(true)
      }),
    )
  })

  it.each([0, 1, 31, 32, 100, 1_000, 2_048, 5_000])('take what is planned for a value of %i bytes', (length) => {
    const records = new Records(1 << 20)
    // The first pages of an arena are small: a large block first, so that the fitting ones are there.
    recordOf(records, 'filler', nearEntry({ value: Buffer.alloc(200_000) }))
    const ref = recordOf(records, 'product:1', nearEntry({ value: Buffer.alloc(length) }))
    const planned = plannedBytes(payloadBytes(9, length), records.arena.largestOrder)
    expect(records.footprint(ref)).toBe(planned)
    expect(planned - length).toBeLessThan(96 + 9 + Math.max(GRANULE_BYTES * 4, length / 8))
  })

  it('free all that they had taken when there is no room for the rest', () => {
    const records = new Records(32_768)
    const free = records.arena.freeBytes
    expect(recordOf(records, 'large', nearEntry({ value: Buffer.alloc(40_000) }))).toBe(0)
    expect(records.arena.freeBytes).toBe(free)
  })
})
