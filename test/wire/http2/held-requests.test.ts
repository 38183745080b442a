import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Block } from '../../../src/wire/http2/header-blocks.ts'
import { HeldRequests } from '../../../src/wire/http2/held-requests.ts'

it('holds what was added and not taken, in the order in which it came', () => {
  const step = fc.oneof(fc.constant('add' as const), fc.nat(60), fc.constant('first' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const held = new HeldRequests()
      const model = new Map<number, Block>()
      let next = 1
      for (const one of steps) {
        if (one === 'add') {
          const block = { fields: [], memo: next }
          held.add(next, block)
          model.set(next, block)
          next += 2
        } else {
          const id = one === 'first' ? (held.first ?? 0) : 2 * one + 1
          held.delete(id)
          model.delete(id)
        }
        expect(held.size).toBe(model.size)
        expect(held.first).toBe([...model.keys()][0])
        for (let id = 1; id <= next; id += 2) expect(held.get(id)?.block).toBe(model.get(id))
      }
    }),
  )
})
