import { describe, expect, it } from 'vitest'
import { soakPlan } from './soak-plan.ts'
import { FILES, HANDLES, type Held, heldVerdicts, RESIDENT, RESOURCES, TIMERS } from './soak-verdicts.ts'

const BEFORE = { from: 100, to: 200 }
const AFTER = { from: 900, to: 1_000 }
const POOL = 8

const USUAL = { [RESIDENT]: 100, [FILES]: 30, [HANDLES]: 16, [RESOURCES]: 17, [TIMERS]: 40 }

/** Two sidecars, the second of which holds something else afterwards. */
function heldWith(afterwards: Readonly<Record<string, number>>, log = ''): Held {
  const samples = [0, 1].flatMap((sidecar) =>
    Array.from({ length: 100 }, (_, index) => {
      const changed = sidecar === 1 && index * 10 >= AFTER.from ? afterwards : {}
      // In the midst of the faults anything goes.
      const wild = index * 10 > BEFORE.to && index * 10 < AFTER.from ? { [RESIDENT]: 900, [FILES]: 90 } : {}
      return { at: index * 10, sidecar, values: { ...USUAL, ...wild, ...changed } }
    }),
  )
  return { sidecars: 2, samples, before: BEFORE, after: AFTER, memoryMs: 100, pool: POOL, logs: ['', log] }
}

const broken = (held: Held) =>
  heldVerdicts(held)
    .map(({ passed }, index) => (passed ? undefined : index))
    .filter((index) => index !== undefined)

describe('what sidecars hold after a soak', () => {
  it('may be what it was before, whatever it was in between', () => {
    expect(broken(heldWith({}))).toEqual([])
    expect(broken(heldWith({ [RESIDENT]: 109, [FILES]: 38, [HANDLES]: 10 }))).toEqual([])
  })

  it.each([
    [0, { [RESIDENT]: 111 }],
    [1, { [FILES]: 39 }],
    [2, { [HANDLES]: 25 }],
    [3, { [RESOURCES]: 26 }],
    [4, { [TIMERS]: 49 }],
  ])('may not be more: %s', (index, afterwards) => {
    expect(broken(heldWith(afterwards))).toEqual([index])
  })

  it('is the largest memory of a while, so that a collection in the one calm time is no growth in the other', () => {
    const held = heldWith({ [RESIDENT]: 109 })
    const samples = held.samples.map((one) =>
      one.at >= 150 && one.at <= 200 ? { ...one, values: { ...one.values, [RESIDENT]: 60 } } : one,
    )
    expect(broken({ ...held, samples })).toEqual([])
    expect(broken({ ...held, samples, memoryMs: 40 })).toEqual([0])
  })

  it('may not be listeners, which Node warns of', () => {
    expect(broken(heldWith({}, 'MaxListenersExceededWarning: Possible EventEmitter memory leak'))).toEqual([5])
  })

  it('is unknown where nothing was measured, and that is no pass', () => {
    expect(broken({ ...heldWith({}), samples: [] })).toContain(0)
  })
})

describe('the plan of a soak', () => {
  it.each([1, 5, 20, 120])('fills %s minutes', (minutes) => {
    const { warmUpMs, calmMs, settleMs, faultsMs } = soakPlan(minutes)
    expect(warmUpMs + 2 * calmMs + settleMs + faultsMs).toBeCloseTo(minutes * 60_000)
    expect(faultsMs).toBeGreaterThan(minutes * 30_000)
  })
})
