import { describe, expect, it } from 'vitest'
import { KeyHash } from '../../src/base/key-hash.ts'
import { Arena } from '../../src/near/arena.ts'
import { Ghost } from '../../src/near/ghost.ts'

const hash = new KeyHash(0)
const hashAt = (number: number) => hash.of(`prod:product:v1::${number}`)
const A = hash.of('a')
const B = hash.of('b')

function openGhost(limit: number) {
  const arena = new Arena(1 << 22)
  const ghost = new Ghost(arena, (order) => arena.takeTable(order))
  ghost.reserve(limit)
  return { arena, ghost }
}

function knownOf(ghost: Ghost, from: number, to: number, limit: number): number {
  let known = 0
  for (let number = from; number < to; number += 1) if (ghost.age(hashAt(number)) < limit) known += 1
  return known
}

describe('the ghost', () => {
  it('knows a remembered key until it is told to forget it', () => {
    const { ghost } = openGhost(10)
    ghost.remember(A, 10)
    expect([ghost.age(B), ghost.age(A), ghost.age(A)]).toEqual([Number.POSITIVE_INFINITY, 0, 0])
    ghost.forget(A)
    expect(ghost.age(A)).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts the age of a key from its latest departure', () => {
    const { ghost } = openGhost(1_000)
    ghost.remember(A, 1_000)
    ghost.remember(B, 1_000)
    for (let number = 0; number < 500; number += 1) ghost.remember(hashAt(number), 1_000)
    ghost.remember(A, 1_000)
    expect(ghost.age(A)).toBe(0)
    expect(ghost.age(B)).toBeGreaterThan(300)
  })

  it.each([100, 1_000, 50_000])('of the last %i keys knows nearly all, of older ones nearly none', (limit) => {
    const { ghost } = openGhost(limit)
    for (let number = 0; number < 5 * limit; number += 1) ghost.remember(hashAt(number), limit)
    expect(knownOf(ghost, 4 * limit, 5 * limit, limit)).toBeGreaterThan(0.9 * limit)
    expect(knownOf(ghost, 0, 3.5 * limit, limit)).toBeLessThanOrEqual(0.005 * limit)
  })

  it('keeps what it knows while the limit grows', () => {
    const { ghost } = openGhost(1_000)
    for (let number = 0; number < 1_000; number += 1) ghost.remember(hashAt(number), 1_000)
    ghost.reserve(100_000)
    for (let number = 1_000; number < 100_000; number += 1) ghost.remember(hashAt(number), 100_000)
    expect(knownOf(ghost, 0, 1_000, 100_000)).toBeGreaterThan(900)
    expect(knownOf(ghost, 0, 100_000, 100_000)).toBeGreaterThan(90_000)
  })

  it('gives its memory back when the limit shrinks', () => {
    const { arena, ghost } = openGhost(1_000)
    const free = arena.freeBytes
    ghost.reserve(300_000)
    for (let number = 0; number < 300_000; number += 1) ghost.remember(hashAt(number), 300_000)
    expect(free - arena.freeBytes).toBeGreaterThan(600_000)
    for (let number = 0; number < 300_000; number += 1) ghost.remember(hashAt(number), 1_000)
    for (let number = 0; number < 5_000; number += 1) ghost.reserve(1_000)
    expect(free - arena.freeBytes).toBeLessThan(300_000)
  })

  it('takes less than four bytes a key', () => {
    const { arena, ghost } = openGhost(0)
    const free = arena.freeBytes
    ghost.reserve(100_000)
    expect((free - arena.freeBytes) / 100_000).toBeLessThan(4)
  })

  it('remembers fewer where it finds no space, and none without any', () => {
    const arena = new Arena(4_096)
    const ghost = new Ghost(arena, (order) => arena.takeTable(order))
    ghost.remember(A, 100)
    expect(ghost.age(A)).toBe(Number.POSITIVE_INFINITY)
    ghost.reserve(100_000)
    for (let number = 0; number < 20_000; number += 1) ghost.remember(hashAt(number), 100_000)
    const known = knownOf(ghost, 19_000, 20_000, 100_000)
    expect(known).toBeGreaterThan(100)
  })
})
