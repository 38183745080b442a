import { describe, expect, it } from 'vitest'
import { Membership } from '../../src/store/membership.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pulseOf } from './pulse-of.ts'

const LEFT_REMEMBERED_MS = 20_000
const QUARANTINE = { epochs: [1], last: 1, stamp: 5 }

function rig() {
  const clock = new ManualClock()
  return { clock, membership: new Membership('me', clock) }
}

/** One who has been heard in epoch 1, beside others. */
function joined(...others: readonly string[]) {
  const made = rig()
  made.membership.heard(pulseOf({ joined: true, members: ['me', ...others] }))
  return made
}

/** Who is missing in a memory that knows only these. */
function missingIn(membership: Membership, ...members: readonly string[]): readonly string[] | undefined {
  membership.heard(pulseOf({ epoch: 2, members: ['me', ...members], past: QUARANTINE }))
  membership.replayed(2, false)
  return membership.beat(false).report?.missing
}

describe('a newcomer', () => {
  it('is settled at once where there is nobody else', () => {
    const { membership } = rig()
    membership.heard(pulseOf({ joined: true, members: ['me'] }))
    expect(membership.settled).toBe(true)
  })

  it('is settled when the longest silent of the others has been heard after it had joined', () => {
    const { membership } = rig()
    expect(membership.heard(pulseOf({ stamp: 10, joined: true, oldestStamp: 4 }))).toBe(true)
    expect(membership.settled).toBe(false)
    membership.heard(pulseOf({ stamp: 12, oldestStamp: 10 }))
    expect(membership.settled).toBe(false)
    membership.heard(pulseOf({ stamp: 14, oldestStamp: 11 }))
    expect(membership.settled).toBe(true)
  })

  it('is one again after the shard had forgotten it', () => {
    const { membership } = rig()
    membership.heard(pulseOf({ stamp: 10, joined: true, oldestStamp: 11 }))
    membership.heard(pulseOf({ stamp: 50, joined: true, oldestStamp: 49 }))
    expect(membership.settled).toBe(false)
  })

  it('is none in a new memory that has all of them after it had joined', () => {
    const { membership } = joined('other')
    membership.heard(pulseOf({ epoch: 2, stamp: 9, oldestStamp: 8, members: ['me', 'other'] }))
    expect(membership.settled).toBe(true)
  })

  it('is one still in a new memory where one of the others was last heard before it had joined', () => {
    const { membership } = rig()
    membership.heard(pulseOf({ stamp: 10, joined: true, oldestStamp: 9 }))
    membership.heard(pulseOf({ epoch: 2, stamp: 11, oldestStamp: 9, members: ['me', 'other'] }))
    expect(membership.settled).toBe(false)
    membership.heard(pulseOf({ epoch: 2, stamp: 13, oldestStamp: 12 }))
    expect(membership.settled).toBe(true)
  })

  it('waits for the others no longer than until they are heard in a memory that has gone far back', () => {
    const { membership } = rig()
    membership.heard(pulseOf({ stamp: 900, joined: true }))
    membership.heard(pulseOf({ epoch: 2, stamp: 100, oldestStamp: 99 }))
    membership.heard(pulseOf({ epoch: 2, stamp: 103, oldestStamp: 101 }))
    expect(membership.settled).toBe(true)
  })
})

describe('the list of members', () => {
  it('is asked for until it is known, and again when it has changed', () => {
    const { membership } = rig()
    expect(membership.beat(false)).toEqual({
      member: 'me',
      known: undefined,
      report: undefined,
      leaves: false,
      notice: '',
      ring: undefined,
      versions: '',
    })
    membership.heard(pulseOf({ list: 3, members: ['me', 'other'] }))
    expect(membership.beat(true)).toMatchObject({ known: { epoch: 1, list: 3 }, leaves: true })
    membership.heard(pulseOf({ list: 4, members: ['me'] }))
    expect(membership.beat(false).known).toEqual({ epoch: 1, list: 4 })
  })

  it('stays what it was where an answer does not tell it', () => {
    const { membership } = joined('other')
    membership.heard(pulseOf())
    expect(membership.members).toEqual(['me', 'other'])
  })

  it('is told apart by epochs, each of which is new once', () => {
    const { membership } = rig()
    expect([1, 1, 2, 2].map((epoch) => membership.heard(pulseOf({ epoch })))).toEqual([true, false, true, false])
  })
})

describe('a report of a replay', () => {
  it('names the members that the new memory does not know, but never the one who reports', () => {
    const { membership } = joined('a', 'b')
    membership.heard(pulseOf({ epoch: 2, members: ['b'], past: QUARANTINE }))
    membership.replayed(2, true)
    expect(membership.beat(false).report).toEqual({ epoch: 2, forgot: true, missing: ['a'] })
  })

  it('names one who left shortly before, whom the memory may have forgotten with its changes', async () => {
    const { clock, membership } = joined('a')
    membership.heard(pulseOf({ members: ['me'] }))
    await clock.advance(LEFT_REMEMBERED_MS)
    expect(missingIn(membership)).toEqual(['a'])
  })

  it('does not name one who left long ago, and whom nobody could wait for', async () => {
    const { clock, membership } = joined('a')
    membership.heard(pulseOf({ members: ['me'] }))
    await clock.advance(LEFT_REMEMBERED_MS + 1)
    expect(missingIn(membership)).toEqual([])
  })

  it('names one who left and came back once, and not one whom the new memory knows', () => {
    const { membership } = joined('a', 'b')
    membership.heard(pulseOf({ members: ['me'] }))
    membership.heard(pulseOf({ members: ['me', 'a'] }))
    expect(missingIn(membership, 'b')).toEqual(['a'])
  })

  it('is repeated while the quarantine lasts, and not after it', () => {
    const { membership } = joined()
    expect(missingIn(membership)).toEqual([])
    membership.heard(pulseOf({ epoch: 2, past: QUARANTINE }))
    expect(membership.beat(false).report).toBeDefined()
    membership.heard(pulseOf({ epoch: 2, accepted: [1] }))
    expect(membership.beat(false).report).toBeUndefined()
  })

  it('says nothing of an epoch that has ended meanwhile', () => {
    const { membership } = joined()
    missingIn(membership)
    membership.heard(pulseOf({ epoch: 3, past: { epochs: [2], last: 2, stamp: 6 } }))
    expect(membership.beat(false).report).toBeUndefined()
    membership.replayed(2, false)
    expect(membership.beat(false).report).toBeUndefined()
  })
})
