import { describe, expect, it } from 'vitest'
import { Ring, type RingNode } from '../../src/ring/ring.ts'

const KEYS = Array.from({ length: 100_000 }, (_, index) => `prod:product:v1::${index}`)

/** Enough that the sampling error stays well below what is asked of the ring. */
const SAMPLE = KEYS.slice(0, 50_000)

/** A small seeded generator (mulberry32), so that a failing set of nodes can be named. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function randomNodes(seed: number): RingNode[] {
  const random = seeded(seed)
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-.:'
  const name = () =>
    Array.from({ length: 4 + Math.floor(random() * 12) }, () => letters[Math.floor(random() * letters.length)])
  const names = new Set(Array.from({ length: 2 + Math.floor(random() * 6) }, () => name().join('')))
  return [...names].map((one) => ({ name: one, weight: 1 + Math.floor(random() * 3) }))
}

function counted(ring: Ring, keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) {
    const home = ring.home(key)
    counts.set(home, (counts.get(home) ?? 0) + 1)
  }
  return counts
}

const even = (names: string) => names.split('').map((name) => ({ name, weight: 1 }))

describe('the ring', () => {
  it('moves at most 30 % of the keys when a fourth shard joins three, and only to the new one', () => {
    const [three, four] = [new Ring(even('abc')), new Ring(even('abcd'))]
    const moved = KEYS.filter((key) => three.home(key) !== four.home(key))
    expect(moved.length).toBeLessThanOrEqual(KEYS.length * 0.3)
    expect(moved.length).toBeGreaterThan(KEYS.length * 0.2)
    expect(new Set(moved.map((key) => four.home(key)))).toEqual(new Set(['d']))
  })

  it('loads every shard within ±10 % of its weight, on 100 random sets of names and weights', {
    timeout: 300_000,
  }, () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const nodes = randomNodes(seed)
      const counts = counted(new Ring(nodes), SAMPLE)
      const total = nodes.reduce((sum, node) => sum + node.weight, 0)
      for (const node of nodes) {
        const share = (counts.get(node.name) ?? 0) / SAMPLE.length / (node.weight / total)
        expect(Math.abs(share - 1), `seed ${seed}, node ${node.name}`).toBeLessThanOrEqual(0.1)
      }
    }
  })

  it('answers the home first and then distinct shards, as many as there are', () => {
    const ring = new Ring(even('abcd'))
    for (const key of KEYS.slice(0, 200)) {
      const row = ring.homeAndNext(key, 2)
      expect(row[0]).toBe(ring.home(key))
      expect(new Set(row).size).toBe(3)
    }
    expect(new Set(ring.homeAndNext('x', 99))).toEqual(new Set(['a', 'b', 'c', 'd']))
  })

  it('does not depend on the order in which nodes are named', () => {
    const [one, other] = [new Ring(even('abcd')), new Ring(even('dbca'))]
    for (const key of KEYS.slice(0, 1_000)) expect(one.home(key)).toBe(other.home(key))
  })

  it('keeps names apart that look like addresses', () => {
    const nodes = ['10.0.0.1:6379', '10.0.0.1', 'a:b:c', '::1'].map((name) => ({ name, weight: 1 }))
    expect([...counted(new Ring(nodes), KEYS.slice(0, 5_000)).keys()].sort()).toEqual(
      nodes.map((node) => node.name).sort(),
    )
  })

  it('refuses no nodes, two of one name, and a weight that is none', () => {
    expect(() => new Ring([])).toThrow(RangeError)
    expect(() => new Ring(even('aa'))).toThrow(/two nodes/)
    expect(() => new Ring([{ name: 'a', weight: 0.5 }])).toThrow(/weight of a is 0.5/)
  })
})
