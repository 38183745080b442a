import { beforeEach, describe, expect, it } from 'vitest'
import { linger } from '../../src/rpc/linger.ts'
import { ManualClock } from '../support/manual-clock.ts'

let clock: ManualClock
let callers: number | undefined
let isOver: boolean

beforeEach(() => {
  clock = new ManualClock()
  isOver = false
})

function lingering(mostMs: number): Promise<void> {
  return linger(mostMs, { callers: () => callers, clock }).then(() => {
    isOver = true
  })
}

describe('a sidecar that is told to stop together with its app', () => {
  it('goes on while callers are connected, and ends soon after the last has gone', async () => {
    callers = 1
    const over = lingering(25_000)
    await clock.advance(10_000)
    expect(isOver).toBe(false)
    callers = 0
    await clock.advance(1_000)
    expect(isOver).toBe(false)
    await clock.advance(1_500)
    await over
    expect(isOver).toBe(true)
  })

  it('does not take an app between two connections for gone', async () => {
    callers = 0
    const over = lingering(25_000)
    await clock.advance(1_500)
    callers = 1
    await clock.advance(500)
    callers = 0
    await clock.advance(1_500)
    expect(isOver).toBe(false)
    await clock.advance(1_000)
    await over
  })

  it('ends in its time although callers stay, and where they are not known', async () => {
    callers = undefined
    const over = lingering(25_000)
    await clock.advance(24_000)
    expect(isOver).toBe(false)
    await clock.advance(1_100)
    await over
  })

  it('does not wait at all without a time for it', async () => {
    callers = 1
    await lingering(0)
    expect(isOver).toBe(true)
  })
})
