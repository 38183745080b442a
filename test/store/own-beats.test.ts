import { expect, it } from 'vitest'
import { OwnBeats } from '../../src/store/own-beats.ts'

const FORGOTTEN_AFTER_MS = 30_000

/** Heartbeats of epoch 1, as stamp and moment. */
function beatsOf(...beats: readonly (readonly [stamp: number, sentAt: number])[]): OwnBeats {
  const own = new OwnBeats()
  for (const [stamp, sentAt] of beats) own.add(1, stamp, sentAt)
  return own
}

it('takes a stamp for the moment of the newest own heartbeat that is not beyond it', () => {
  const own = beatsOf([10, 100], [20, 200], [30, 300])
  expect([10, 19, 20, 29, 30, 999].map((stamp) => own.momentOf(1, stamp))).toEqual([100, 100, 200, 200, 300, 300])
})

it('knows no moment of a stamp before its first heartbeat, nor of an epoch in which it has none', () => {
  const own = beatsOf([10, 100])
  expect([own.momentOf(1, 9), own.momentOf(2, 10)]).toEqual([undefined, undefined])
})

it('takes the later moment where two connections were overtaken by each other', () => {
  const own = beatsOf([21, 200], [20, 205])
  expect([own.momentOf(1, 20), own.momentOf(1, 21)]).toEqual([205, 205])
})

it('misses what it changed since the last heartbeat that the memory holds', () => {
  expect(beatsOf([10, 100], [20, 200]).missingSince(1, 19)).toBe(100)
})

it('misses all that it ever changed in a memory that ends before its first heartbeat there', () => {
  expect(beatsOf([10, 100], [20, 200]).missingSince(1, 9)).toBe(100)
})

it('misses nothing in an epoch in which it was never heard', () => {
  expect(beatsOf([10, 100]).missingSince(2, 10)).toBeUndefined()
})

it('cannot say since when it misses something where the heartbeat that the memory holds is forgotten', () => {
  const own = beatsOf([10, 0], [20, FORGOTTEN_AFTER_MS], [30, FORGOTTEN_AFTER_MS + 1])
  expect(own.momentOf(1, 19)).toBeUndefined()
  expect(own.missingSince(1, 19)).toBe(Number.NEGATIVE_INFINITY)
})

it('remembers which heartbeat was its first, for as long as it remembers any of that epoch', () => {
  const own = beatsOf([10, 0], [20, FORGOTTEN_AFTER_MS + 1])
  expect(own.missingSince(1, 9)).toBe(0)
  own.add(2, 1, 2 * FORGOTTEN_AFTER_MS + 2)
  expect(own.missingSince(1, 9)).toBeUndefined()
})

it('remembers a heartbeat for thirty seconds, and no longer', () => {
  const own = beatsOf([10, 0], [20, FORGOTTEN_AFTER_MS])
  expect(own.momentOf(1, 10)).toBe(0)
  own.add(1, 30, FORGOTTEN_AFTER_MS + 1)
  expect([own.momentOf(1, 10), own.momentOf(1, 20)]).toEqual([undefined, FORGOTTEN_AFTER_MS])
})
