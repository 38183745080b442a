import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { Overload } from '../../src/guard/overload.ts'

const SAMPLE_MS = 20
const MIB = 1 << 20

/** A loop that runs its next timer as late as it is told to. */
class LateLoop implements Clock {
  #now = 0
  #due: { readonly at: number; readonly run: () => void } | undefined

  now = () => this.#now
  wall = () => this.#now
  soon = (run: () => void) => run()

  after(delayMs: number, run: () => void) {
    const due = { at: this.#now + delayMs, run }
    this.#due = due
    return {
      cancel: () => {
        if (this.#due === due) this.#due = undefined
      },
    }
  }

  turn(lateMs: number): void {
    const due = this.#due
    if (due === undefined) return
    this.#due = undefined
    this.#now = due.at + lateMs
    due.run()
  }

  get isIdle(): boolean {
    return this.#due === undefined
  }
}

function watch(limits: { loopLagMs?: number; memoryBytes?: number }) {
  const loop = new LateLoop()
  const memory = { bytes: 0 }
  const whole = { loopLagMs: Number.POSITIVE_INFINITY, memoryBytes: Number.POSITIVE_INFINITY, ...limits }
  const overload = new Overload(whole, { clock: loop, heldBytes: () => memory.bytes })
  return { loop, memory, overload }
}

describe('a loop that is late', () => {
  it('is no overload once, however late', () => {
    const { loop, overload } = watch({ loopLagMs: 50 })
    loop.turn(5)
    loop.turn(90)
    expect(overload.cause).toBeUndefined()
    loop.turn(50)
    loop.turn(90)
    expect(overload.cause).toBeUndefined()
  })

  it('is one while it is never in time for a tenth of a second, and none as soon as it is', () => {
    const { loop, overload } = watch({ loopLagMs: 50 })
    loop.turn(51)
    expect(overload.cause).toBeUndefined()
    loop.turn(51)
    expect(overload.cause).toBe('loop')
    loop.turn(300)
    expect(overload.cause).toBe('loop')
    loop.turn(50)
    expect(overload.cause).toBeUndefined()
  })

  it('goes by the limits that it is told while it runs', () => {
    const { loop, memory, overload } = watch({ memoryBytes: 10 })
    memory.bytes = 11
    for (let turn = 0; turn < 20; turn += 1) loop.turn(60)
    expect(overload.cause).toBe('memory')
    overload.limit({ loopLagMs: 50, memoryBytes: Number.POSITIVE_INFINITY })
    for (let turn = 0; turn < 2; turn += 1) loop.turn(60)
    expect(overload.cause).toBe('loop')
  })

  it('is as late as it likes without a limit', () => {
    const { loop, overload } = watch({})
    for (let turn = 0; turn < 10; turn += 1) loop.turn(10_000)
    expect(overload.cause).toBeUndefined()
  })
})

describe('a process that is large', () => {
  it('is an overload until it is clearly below its limit', () => {
    const { loop, memory, overload } = watch({ memoryBytes: 100 * MIB })
    const look = () => {
      for (let turn = 0; turn < 200 / SAMPLE_MS; turn += 1) loop.turn(0)
      return overload.cause
    }
    memory.bytes = 100 * MIB
    expect(look()).toBeUndefined()
    memory.bytes = 100 * MIB + 1
    expect(look()).toBe('memory')
    memory.bytes = 96 * MIB
    expect(look()).toBe('memory')
    memory.bytes = 95 * MIB
    expect(look()).toBeUndefined()
    memory.bytes = 96 * MIB
    expect(look()).toBeUndefined()
  })
})

it('counts what is refused, by cause', () => {
  const { loop, overload } = watch({ loopLagMs: 50 })
  expect(overload.refusal()).toBeUndefined()
  loop.turn(120)
  expect(overload.refusal()).toBe('loop')
  expect(overload.refusal()).toBe('loop')
  expect(overload.stats()).toEqual({ loop: 2, memory: 0 })
})

it('watches no more once it is closed', () => {
  const { loop, overload } = watch({})
  loop.turn(0)
  overload.close()
  expect(loop.isIdle).toBe(true)
})
