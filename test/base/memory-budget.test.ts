import { describe, expect, it } from 'vitest'
import { missingBytes, nearBudgetBytes } from '../../src/base/memory-budget.ts'
import { containerBytes, heapLimitBytes, heldBytes, mostHeldBytes } from '../../src/base/process-memory.ts'

const MIB = 1024 * 1024

describe('the budget of a near cache', () => {
  it.each([
    [64, 4],
    [128, 12],
    [256, 67],
    [512, 177],
    [8_192, 1_024],
  ])('has of %i MiB %i', (container, near) => {
    expect(nearBudgetBytes(container * MIB)).toBe(near * MIB)
  })

  it('is 64 MiB where memory has no limit', () => {
    expect(nearBudgetBytes(Number.POSITIVE_INFINITY)).toBe(64 * MIB)
  })

  it('tells what a container is short of', () => {
    const use = { heapBytes: 259 * MIB, nearBytes: 12 * MIB }
    expect(missingBytes({ ...use, containerBytes: 128 * MIB })).toBe(199 * MIB)
    expect(missingBytes({ ...use, containerBytes: Number.POSITIVE_INFINITY })).toBe(0)
  })
})

describe('the memory of this process', () => {
  it('is held where it can be nowhere else: less than what is resident, more than what its values take', () => {
    const { heapUsed, rss } = process.memoryUsage()
    expect(heldBytes()).toBeGreaterThan(heapUsed / 2)
    expect(heldBytes()).toBeLessThan(rss)
  })

  it('grows with what is written to', () => {
    const before = heldBytes()
    const written = Buffer.alloc(64 * MIB, 1)
    expect(heldBytes() - before).toBeGreaterThan(32 * MIB)
    expect(written.length).toBe(64 * MIB)
  })

  it('has a bound below its container, if that has one', () => {
    expect(mostHeldBytes()).toBe(0.95 * containerBytes())
    expect(heapLimitBytes()).toBeGreaterThan(MIB)
  })
})
