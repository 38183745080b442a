import { expect, it } from 'vitest'
import { ServerClock } from '../../src/store/server-clock.ts'

const SENT_AT = 100
const RECEIVED_AT = 140
const TIME_MS = 5_000

function observed(): ServerClock {
  const clock = new ServerClock()
  clock.observe(SENT_AT, RECEIVED_AT, TIME_MS * 1_000)
  return clock
}

it('shows nothing before the first answer', () => {
  const clock = new ServerClock()
  expect([clock.latest(0), clock.earliest(0)]).toEqual([undefined, undefined])
})

it('lies between two bounds: the TIME may have been read as the request left, or as the answer came', () => {
  const clock = observed()
  expect(clock.latest(SENT_AT)).toBe(TIME_MS)
  expect(clock.earliest(RECEIVED_AT)).toBe(TIME_MS)
  expect((clock.latest(RECEIVED_AT) as number) - (clock.earliest(RECEIVED_AT) as number)).toBe(RECEIVED_AT - SENT_AT)
})

it('showed a time no earlier than it says', () => {
  const clock = observed()
  // Had the TIME been read as the answer came, it would have shown it 40 ms later.
  expect([clock.momentOf(TIME_MS), clock.momentOf(TIME_MS - 70)]).toEqual([SENT_AT, SENT_AT - 70])
  expect(new ServerClock().momentOf(TIME_MS)).toBeUndefined()
})

it('goes on with the monotonic clock', () => {
  const clock = observed()
  expect([clock.latest(SENT_AT + 60_000), clock.earliest(RECEIVED_AT + 60_000)]).toEqual([
    TIME_MS + 60_000,
    TIME_MS + 60_000,
  ])
})

it('follows the last answer, also where the server has been set back', () => {
  const clock = observed()
  clock.observe(200, 210, 1_000_000)
  expect([clock.latest(210), clock.earliest(210)]).toEqual([1_010, 1_000])
})
