import { expect, it } from 'vitest'
import { Bell } from '../../src/cache/bell.ts'
import { ManualClock } from '../support/manual-clock.ts'

function rig() {
  const clock = new ManualClock()
  const bell = new Bell(clock)
  /** When the listener is through. */
  const listen = async (mostMs: number) => {
    await bell.heard(mostMs)
    return clock.now()
  }
  return { clock, bell, listen }
}

it('wakes its listener when it rings, and leaves no timer behind', async () => {
  const { clock, bell, listen } = rig()
  const heard = listen(1_000)
  await clock.advance(10)
  bell.ring()
  expect([await heard, clock.pending]).toEqual([10, 0])
})

it('wakes its listener after the longest time that he would wait', async () => {
  const { clock, listen } = rig()
  const heard = listen(1_000)
  await clock.advance(5_000)
  expect([await heard, clock.pending]).toEqual([1_000, 0])
})

it('does not let anybody wait who listens after it has rung', async () => {
  const { clock, bell, listen } = rig()
  bell.ring()
  expect([await listen(1_000), await listen(1_000), clock.pending]).toEqual([0, 0, 0])
})

it('rings anew after it was hushed', async () => {
  const { clock, bell } = rig()
  bell.ring()
  bell.hush()
  let isHeard = false
  const heard = bell.heard(1_000).then(() => {
    isHeard = true
  })
  await clock.advance(999)
  expect(isHeard).toBe(false)
  bell.ring()
  await heard
  expect(clock.pending).toBe(0)
})
