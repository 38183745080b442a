import { describe, expect, it } from 'vitest'
import { Ghost } from '../../src/near/ghost.ts'

const keyOf = (number: number) => `prod:product:v1::${number}`

describe('the ghost', () => {
  it('knows a remembered key once', () => {
    const ghost = new Ghost()
    ghost.remember('a', 10)
    expect([ghost.take('b', 10), ghost.take('a', 10), ghost.take('a', 10)]).toEqual([false, true, false])
  })

  it('counts the age of a key from its latest departure', () => {
    const ghost = new Ghost()
    ghost.remember('a', 2)
    ghost.remember('b', 2)
    ghost.remember('a', 2)
    ghost.remember('c', 2)
    expect([ghost.take('a', 2), ghost.take('b', 2)]).toEqual([true, false])
  })

  it.each([100, 1_000, 50_000])('of the last %i keys knows nearly all, of older ones nearly none', (limit) => {
    const ghost = new Ghost()
    for (let number = 0; number < 3 * limit; number += 1) ghost.remember(keyOf(number), limit)
    let recent = 0
    let older = 0
    for (let number = 0; number < 2 * limit; number += 1) if (ghost.take(keyOf(number), limit)) older += 1
    for (let number = 2 * limit; number < 3 * limit; number += 1) if (ghost.take(keyOf(number), limit)) recent += 1
    expect(recent).toBeGreaterThan(0.85 * limit)
    expect(older).toBeLessThanOrEqual(0.001 * limit)
  })

  it('keeps what it knows while its table grows and shrinks with the limit', () => {
    const ghost = new Ghost()
    for (let number = 0; number < 1_000; number += 1) ghost.remember(keyOf(number), 100_000)
    ghost.remember('grown', 400_000)
    ghost.remember('shrunk', 1_000)
    expect(ghost.take(keyOf(999), 1_000)).toBe(true)
    expect(ghost.take(keyOf(0), 1_000)).toBe(false)
    expect(ghost.take('grown', 1_000)).toBe(true)
  })
})
