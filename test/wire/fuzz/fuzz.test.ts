import { describe, expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

const MIB = 1024 * 1024

describe('a server on the wire engine', () => {
  it('answers good calls, and keeps nothing, while others send it 20,000 random and mutated frames', async () => {
    const seen = await fuzz({ engine: 'wire', seed: 4, frames: 20_000 })
    expect(seen.faults).toEqual([])
    expect(seen.answered).toBeGreaterThan(0)
    expect(seen.lingering).toBe(0)
    expect(seen.mostBytes).toBeLessThan(512 * MIB)
    expect(seen.keptBytes).toBeLessThan(32 * MIB)
  })
})
