import { expect, it } from 'vitest'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { ManualClock } from '../support/manual-clock.ts'

const REMEMBERED_MS = 30_000

function rig() {
  const clock = new ManualClock()
  return { clock, changes: new RecentChanges(clock) }
}

it('knows what has changed since a mark was taken, and what has not', () => {
  const { changes } = rig()
  const before = changes.mark()
  changes.note('k')
  expect([changes.since('k', before), changes.since('other', before)]).toEqual([true, false])
  expect(changes.since('k', changes.mark())).toBe(false)
})

it('takes any key for changed when all may have been, for as long as that was under way', () => {
  const { changes } = rig()
  const before = changes.mark()
  changes.noteAll()
  const after = changes.mark()
  expect([changes.since('k', before), changes.since('k', after)]).toEqual([true, false])
})

it('remembers a change for thirty seconds', async () => {
  const { clock, changes } = rig()
  const before = changes.mark()
  changes.note('k')
  await clock.advance(REMEMBERED_MS)
  changes.note('other')
  expect([changes.since('k', before), changes.since('untouched', before)]).toEqual([true, false])
})

it('takes any key for changed where it has forgotten a change since the mark', async () => {
  const { clock, changes } = rig()
  const before = changes.mark()
  changes.note('k')
  const after = changes.mark()
  await clock.advance(REMEMBERED_MS + 1)
  changes.note('other')
  expect([changes.since('k', before), changes.since('untouched', before)]).toEqual([true, true])
  expect([changes.since('k', after), changes.since('other', after)]).toEqual([false, true])
})

it('remembers a key that has changed again by its last change', async () => {
  const { clock, changes } = rig()
  changes.note('k')
  await clock.advance(REMEMBERED_MS)
  const before = changes.mark()
  changes.note('k')
  await clock.advance(1)
  changes.note('other')
  expect([changes.since('k', before), changes.since('untouched', before)]).toEqual([true, false])
})

it('lets go of old changes also where a key before them keeps changing', async () => {
  const { clock, changes } = rig()
  const before = changes.mark()
  changes.note('hot')
  changes.note('old')
  await clock.advance(REMEMBERED_MS)
  changes.note('hot')
  await clock.advance(1)
  changes.note('hot')
  expect(changes.since('untouched', before)).toBe(true)
})

it('does not let go of what may have changed with all keys, when it forgets an older change', async () => {
  const { clock, changes } = rig()
  changes.note('old')
  const before = changes.mark()
  changes.noteAll()
  const after = changes.mark()
  await clock.advance(REMEMBERED_MS + 1)
  changes.note('other')
  expect([changes.since('k', before), changes.since('k', after)]).toEqual([true, false])
})
