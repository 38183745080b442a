import { expect, it } from 'vitest'
import { REPLAY_WINDOW_MS, ReplayLog } from '../../src/store/replay-log.ts'
import { ManualClock } from '../support/manual-clock.ts'

function rig(mostKeys?: number) {
  const clock = new ManualClock()
  const log = new ReplayLog(clock, mostKeys)
  return { clock, log, keys: () => log.changes().map(({ key }) => key) }
}

it('tells each changed key once, and for how long it is still to be held', async () => {
  const { clock, log } = rig()
  log.note('held', 500)
  log.note('plain')
  log.note('plain')
  await clock.advance(200)
  expect(log.changes()).toEqual([
    { key: 'held', holdMs: 300 },
    { key: 'plain', holdMs: 0 },
  ])
  await clock.advance(400)
  expect(log.changes().map(({ holdMs }) => holdMs)).toEqual([0, 0])
})

it('does not shorten a hold by a change that wants none', () => {
  const { log } = rig()
  log.note('k', 500)
  log.note('k')
  log.note('k', 400)
  expect(log.changes()).toEqual([{ key: 'k', holdMs: 500 }])
})

it('covers the replay window, and no moment before it', async () => {
  const { clock, log } = rig()
  await clock.advance(2 * REPLAY_WINDOW_MS)
  log.note('k')
  expect([log.covers(REPLAY_WINDOW_MS), log.covers(REPLAY_WINDOW_MS - 1)]).toEqual([true, false])
})

it('lets go of what left the window, with the next change', async () => {
  const { clock, log, keys } = rig()
  log.note('old')
  await clock.advance(REPLAY_WINDOW_MS)
  log.note('new')
  expect(keys()).toEqual(['old', 'new'])
  await clock.advance(1)
  log.note('newer')
  expect(keys()).toEqual(['new', 'newer'])
})

it('forgets the oldest changes beyond its number of keys, and covers only what came after them', async () => {
  const { clock, log, keys } = rig(2)
  for (const key of ['a', 'b', 'c']) {
    await clock.advance(1)
    log.note(key)
  }
  expect(keys()).toEqual(['b', 'c'])
  expect([log.covers(0), log.covers(1), log.covers(1.5)]).toEqual([false, false, true])
})

it('counts a key that changes again as young, so that another is forgotten before it', async () => {
  const { clock, log, keys } = rig(2)
  for (const key of ['a', 'b', 'a', 'c']) {
    await clock.advance(1)
    log.note(key)
  }
  expect(keys()).toEqual(['a', 'c'])
  expect([log.covers(2), log.covers(2.5)]).toEqual([false, true])
})
