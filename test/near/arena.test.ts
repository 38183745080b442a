import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, GRANULE_BYTES } from '../../src/near/arena.ts'

const MAX_BYTES = 10_000

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: fc.constant('take' as const), order: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('take below' as const), order: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ name: fc.constant('free' as const), which: fc.nat(1_000) }) },
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** An arena and what was taken from it, by ref. */
function openArena() {
  const arena = new Arena(MAX_BYTES)
  const taken: number[] = []
  const take = (ref: number) => {
    if (ref === 0) return
    arena.startChain(ref)
    taken.push(ref)
  }
  const free = (which: number) => {
    const [ref] = taken.splice(which % Math.max(1, taken.length), 1)
    if (ref !== undefined) arena.freeChain(ref)
  }
  const run = (one: Step) => {
    if (one.name === 'free') free(one.which)
    else take(one.name === 'take' ? arena.take(one.order) : arena.takeBelow(one.order, 0))
  }
  return { arena, taken, free, run }
}

function expectDisjoint(arena: Arena, taken: readonly number[]): void {
  const granules = taken.flatMap((ref) => Array.from({ length: 1 << arena.orderOf(ref) }, (_, at) => ref + at))
  expect(new Set(granules).size).toBe(granules.length)
  expect(granules.every((granule) => granule > 0 && granule < arena.granules)).toBe(true)
  expect(arena.freeBytes).toBe((arena.granules - 1 - granules.length) * GRANULE_BYTES)
  expect(arena.touchedBytes).toBeLessThanOrEqual(MAX_BYTES)
}

describe('the arena', () => {
  it('never gives a granule out twice, and has it all in one piece again when all came back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const { arena, taken, free, run } = openArena()
        for (const one of steps) {
          run(one)
          expectDisjoint(arena, taken)
        }
        while (taken.length > 0) free(0)
        let whole = 0
        while (arena.take(arena.largestOrder) !== 0) whole += 1
        expect(whole).toBe(Math.floor(arena.granules / (1 << arena.largestOrder)) - 1)
      }),
    )
  })

  it('is untouched until something is taken, and then only as far', () => {
    const arena = new Arena(1 << 30)
    expect(arena.touchedBytes).toBe(0)
    arena.take(3)
    expect(arena.touchedBytes).toBeLessThanOrEqual(1_024)
    arena.take(arena.largestOrder)
    expect(arena.touchedBytes).toBe(2 << 20)
  })

  it('finds all whose blocks reach into a window, be it far from their heads', () => {
    const arena = new Arena(1 << 16)
    const head = arena.take(2)
    arena.startChain(head)
    while (arena.take(7) !== 0);
    const far = arena.takeBelow(7, 0)
    arena.extendChain(head, far)
    expect([...arena.occupantsOf(far, 0)!]).toEqual([head])
    expect(arena.nextOf(far)).toBe(head)
  })

  it('finds no window where a table is, and none that is occupied where all is free', () => {
    const arena = new Arena(1 << 16)
    const table = arena.takeTable(4)
    expect(arena.occupantsOf(table, 0)).toBeUndefined()
    arena.freeTable(table)
    expect(arena.occupantsOf(table, 4)?.size).toBe(0)
  })
})
