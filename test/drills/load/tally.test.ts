import { describe, expect, it } from 'vitest'
import type { Observation } from './observation.ts'
import { readValue } from './observation.ts'
import { failed, hits, type Slice, total } from './slice.ts'
import { Tally } from './tally.ts'

const BEGAN_AT = 5_000

const answer = (more: Partial<Observation> = {}): Observation => ({
  key: 1,
  dueAt: BEGAN_AT,
  lagMs: 0,
  tookMs: 1,
  code: 0,
  source: 'primary',
  degraded: false,
  shownId: more.key ?? 1,
  shownRevision: 1,
  ...more,
})

function sliced(...observations: readonly Observation[]): Slice[] {
  const tally = new Tally({ beganAt: BEGAN_AT, boundMs: 1_000, deadlineMs: 2_000, keys: 10 })
  for (const one of observations) tally.observed(one)
  return tally.drain()
}

describe('a tally', () => {
  it('counts a get in the slice in which it was due, and none that was due before it began', () => {
    const slices = sliced(answer({ dueAt: BEGAN_AT - 1 }), answer(), answer({ dueAt: BEGAN_AT + 250, tookMs: 900 }))
    expect(slices.map(({ slice, gets }) => ({ slice, gets }))).toEqual([
      { slice: 0, gets: 1 },
      { slice: 2, gets: 1 },
    ])
  })

  it('tells answers of caches from those of the origin, and failures by their codes', () => {
    const slices = sliced(answer(), answer({ source: 'origin' }), answer({ code: 14, source: '' }))
    expect([total(slices, hits), total(slices, failed)]).toEqual([1, 1])
    expect(slices[0]).toMatchObject({ sources: { primary: 1, origin: 1 }, failures: { 14: 1 } })
  })

  it('keeps gets for cold rows apart', () => {
    const slices = sliced(answer(), answer({ key: 11 }))
    expect(slices.map(({ cold }) => cold)).toEqual([false, true])
  })

  it('counts keys that are asked for the first time since the mark', () => {
    const tally = new Tally({ beganAt: BEGAN_AT, boundMs: 1_000, deadlineMs: 2_000, keys: 10 })
    const first = () => total(tally.drain(), (slice) => slice.first)
    for (const key of [1, 2, 1]) tally.observed(answer({ key }))
    expect(first()).toBe(2)
    tally.observed(answer({ key: 2 }))
    expect(first()).toBe(0)
    tally.mark()
    for (const key of [2, 2]) tally.observed(answer({ key }))
    expect(first()).toBe(1)
  })

  it('tells only once what it has counted', () => {
    const tally = new Tally({ beganAt: BEGAN_AT, boundMs: 1_000, deadlineMs: 2_000, keys: 10 })
    tally.observed(answer())
    expect(tally.drain()).toHaveLength(1)
    expect(tally.drain()).toEqual([])
  })

  it('asks of an answer only what was acknowledged a bound before it was sent', () => {
    const tally = new Tally({ beganAt: 0, boundMs: 1_000, deadlineMs: 2_000, keys: 10 })
    tally.revisions.committed(1, 2, 100)
    tally.observed(answer({ dueAt: 9_000 }))
    tally.revisions.invalidated(1, 2, 10_000)
    tally.observed(answer({ dueAt: 10_900 }))
    tally.observed(answer({ dueAt: 11_500 }))
    const slices = tally.drain()
    expect(slices.map(({ older, tooOld }) => [older, tooOld])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ])
  })
})

describe('a value', () => {
  it('says which row and revision it is, however it is filled up', () => {
    expect(readValue(Buffer.from('{"id": 7, "revision": 3}'))).toEqual({ shownId: 7, shownRevision: 3 })
    expect(readValue(Buffer.from('{"id": 7, "revision": 3}    '))).toEqual({ shownId: 7, shownRevision: 3 })
    expect(readValue(Buffer.from('{"id": 7, "revision": 3} x'))).toEqual({ shownId: -1, shownRevision: -1 })
  })
})
