import { beforeEach, describe, expect, it } from 'vitest'
import { FlushNotices } from '../../src/store/flush-notices.ts'
import { NoticeBoard } from '../../src/store/notice-board.ts'
import { ManualClock } from '../support/manual-clock.ts'

const HEARTBEAT_MS = 200

let clock: ManualClock
let boards: Map<string, { own: NoticeBoard; others: NoticeBoard }>
let flushed: string[]
let one: FlushNotices
let other: FlushNotices

beforeEach(() => {
  clock = new ManualClock()
  boards = new Map(['a', 'b'].map((name) => [name, { own: new NoticeBoard(), others: new NoticeBoard() }]))
  flushed = []
  const notices = (who: 'own' | 'others') => {
    const shards = [...boards].map(([name, sides]) => ({ name, board: sides[who] })) as never
    return new FlushNotices(HEARTBEAT_MS, { tier: { shards }, clock, onFlushed: () => void flushed.push(who) })
  }
  one = notices('own')
  other = notices('others')
})

/** A heartbeat of both sidecars to one shard, the first one's first. */
function beat(shard: string): void {
  const { own, others } = boards.get(shard) as { own: NoticeBoard; others: NoticeBoard }
  const { notice } = own.say()
  const answered = { joined: false, rings: undefined }
  own.heard({ ...answered, members: undefined, notices: [] }, { me: 'own', isNew: false, isSettled: true })
  others.heard(
    { ...answered, members: ['own', 'others'], notices: [['own', notice]] },
    { me: 'others', isNew: false, isSettled: true },
  )
  one.beat(shard)
  other.beat(shard)
}

describe('the notice of a flush', () => {
  it('is heard once by each sidecar, by whichever shard it hears first, and by the own one at once', async () => {
    const told = one.tell('first')
    expect(flushed).toEqual(['own'])
    beat('a')
    expect(flushed).toEqual(['own', 'others'])
    beat('b')
    beat('a')
    await clock.advance(10 * HEARTBEAT_MS)
    await told
    expect(flushed).toEqual(['own', 'others'])
  })

  it('counts as heard when all have had the time to hear of it, and not before', async () => {
    let isTold = false
    const told = one.tell('first').then(() => {
      isTold = true
    })
    await clock.advance(HEARTBEAT_MS / 2)
    beat('a')
    beat('b')
    await clock.advance(2 * HEARTBEAT_MS - 1)
    expect(isTold).toBe(false)
    await clock.advance(HEARTBEAT_MS)
    expect(isTold).toBe(true)
    await told
  })

  it('does not wait for a shard that gives no answer, and is taken back, so that who comes later hears nothing', async () => {
    const told = one.tell('first')
    beat('a')
    await clock.advance(5 * HEARTBEAT_MS)
    await told
    expect(boards.get('a')?.own.say().notice).toBe('')
    const again = one.tell('second')
    beat('a')
    expect(flushed).toEqual(['own', 'others', 'own', 'others'])
    await clock.advance(5 * HEARTBEAT_MS)
    await again
  })
})
