import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue, type Queued } from '../../src/guard/fair-queue.ts'

interface Item extends Queued {
  readonly name: string
  heat: number
}

function item(name: string, { group = 'g', lot = '', heat = 1 }: Partial<Queued> = {}): Item {
  return { name, group, lot, heat }
}

/** Puts `count` items named `<prefix>0` … in the line of `caller`. */
function fill(queue: FairQueue<Item>, prefix: string, count: number, caller: string, of: Partial<Queued> = {}): Item[] {
  const items = Array.from({ length: count }, (_, index) => item(`${prefix}${index}`, of))
  for (const one of items) queue.put(one, caller)
  return items
}

const names = (items: readonly Item[]) => items.map(({ name }) => name)

describe('FairQueue', () => {
  it('lets groups take turns, whatever each has waiting', () => {
    const queue = new FairQueue<Item>()
    fill(queue, 'a', 100, '', { group: 'a' })
    fill(queue, 'b', 2, '', { group: 'b' })
    expect(Array.from({ length: 4 }, () => queue.take(1)[0]?.group)).toEqual(['a', 'b', 'a', 'b'])
    expect(names(queue.take(3))).toEqual(['a2', 'a3', 'a4'])
  })

  it('fills what goes together from all callers in turn, one item each', () => {
    const queue = new FairQueue<Item>()
    fill(queue, 'a', 100, 'flood')
    fill(queue, 'b', 2, 'quiet')
    expect(names(queue.take(5))).toEqual(['a0', 'b0', 'a1', 'b1', 'a2'])
    expect(queue.size).toBe(97)
  })

  it('lets callers whose lots differ take turns', () => {
    const queue = new FairQueue<Item>()
    fill(queue, 'a', 100, 'flood', { lot: 'x' })
    fill(queue, 'b', 1, 'quiet', { lot: 'y' })
    expect(names(queue.take(2))).toEqual(['a0', 'a1'])
    expect(names(queue.take(2))).toEqual(['b0'])
    expect(names(queue.take(2))).toEqual(['a2', 'a3'])
  })

  it('gives whoever comes back a place at the end: nobody saves turns up or is always first', () => {
    const queue = new FairQueue<Item>()
    fill(queue, 'b', 10, '', { group: 'b' })
    const order: (string | undefined)[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      if (order.at(-1) !== 'b') fill(queue, 'a', 1, '', { group: 'a' })
      order.push(queue.take(1)[0]?.group)
    }
    expect(order).toEqual(['b', 'a', 'b', 'a', 'b', 'a'])
  })

  it('lets the hottest go first, every fourth time the oldest, and equals in their order', () => {
    const queue = new FairQueue<Item>()
    const items = fill(queue, 'i', 8, '')
    for (const [index, heat] of [
      [6, 50],
      [4, 5],
      [7, 50],
    ] as const) {
      const hot = items[index] as Item
      hot.heat = heat
      queue.moved(hot)
    }
    expect(names(queue.take(8))).toEqual(['i6', 'i7', 'i4', 'i0', 'i1', 'i2', 'i3', 'i5'])
  })

  it('starves nobody, though something hotter comes for every item that goes', () => {
    const queue = new FairQueue<Item>()
    queue.put(item('cold'), '')
    let waited = 0
    for (let next = ''; next !== 'cold'; waited += 1) {
      queue.put(item(`hot${waited}`, { heat: 100 }), '')
      next = queue.take(1)[0]?.name ?? ''
    }
    expect(waited).toBe(4)
  })

  it('lets an item that several callers want go when the first of them has its turn, and once', () => {
    const queue = new FairQueue<Item>()
    const [, , shared] = fill(queue, 'a', 3, 'flood')
    queue.put(shared as Item, 'quiet')
    expect(names(queue.take(2))).toEqual(['a0', 'a2'])
    expect(names(queue.take(2))).toEqual(['a1'])
    expect(queue.take(2)).toEqual([])
  })

  it('names the newest of whoever has most waiting', () => {
    const queue = new FairQueue<Item>()
    fill(queue, 'a', 3, 'one', { group: 'a' })
    fill(queue, 'b', 2, 'one', { group: 'b' })
    const many = fill(queue, 'c', 3, 'two', { group: 'b' })
    expect(queue.hog()?.name).toBe('c2')
    queue.delete(many[2] as Item)
    expect(queue.hog()?.name).toBe('c1')
  })

  it('loses and doubles nothing, and remembers only those who wait, in any order of steps', () => {
    const step = fc.record({
      puts: fc.boolean(),
      group: fc.constantFrom('g', 'h'),
      callers: fc.subarray(['', 'x', 'y'], { minLength: 1 }),
      lot: fc.constantFrom('', 't'),
      heat: fc.integer({ min: 1, max: 40 }),
      most: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const queue = new FairQueue<Item>()
        const waiting = new Set<Item>()
        const put = (one: Item, callers: readonly string[]) => {
          for (const caller of callers) queue.put(one, caller)
          waiting.add(one)
        }
        const take = (most: number) => {
          const taken = queue.take(most)
          expect(taken.length > 0).toBe(waiting.size > 0)
          expect(new Set(taken.map((one) => `${one.group}:${one.lot}`)).size).toBeLessThanOrEqual(1)
          for (const one of taken) expect(waiting.delete(one)).toBe(true)
        }
        for (const [index, { puts, callers, most, ...of }] of steps.entries()) {
          if (puts) put(item(String(index), of), callers)
          else take(most)
        }
        expect(new Set(queue.items())).toEqual(waiting)
        while (queue.take(5).length > 0) expect(queue.size).toBeGreaterThanOrEqual(0)
        expect(queue.size).toBe(0)
        expect(queue.hog()).toBe(undefined)
      }),
    )
  })
})
