import { describe, expect, it } from 'vitest'
import { type FleetVersion, FleetVersions } from '../../src/store/fleet-versions.ts'
import { NoticeBoard } from '../../src/store/notice-board.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pulseOf } from './pulse-of.ts'

const HEARTBEAT_MS = 1_000

/** One sidecar on the shards `a` and `b`, whose heartbeats the test answers. */
function rig() {
  const clock = new ManualClock()
  const versions = new FleetVersions(clock, HEARTBEAT_MS)
  const boards = { a: new NoticeBoard(), b: new NoticeBoard() }
  const hurried: string[] = []
  for (const [name, board] of Object.entries(boards)) {
    versions.join({ name, board, hurry: () => hurried.push(name) })
  }
  const moves: FleetVersion[] = []
  versions.follow((keyspace, version) => {
    if (keyspace === 'product') moves.push(version)
  })
  /** A heartbeat of shard `name` is answered: what it keeps, and what its other members say. */
  const heard = (name: 'a' | 'b', told: string | undefined, others: Readonly<Record<string, string>> = {}) => {
    const board = boards[name]
    board.say()
    const notices = Object.entries(others).map(
      ([member, text]) => [member, JSON.stringify({ versions: text })] as const,
    )
    const members = told === undefined ? undefined : ['me', ...Object.keys(others)]
    board.heard(pulseOf({ members, notices, versions: told }), { me: 'me', isNew: false, isSettled: true })
    return versions.heard(name, told)
  }
  return { clock, versions, boards, hurried, moves, heard }
}

describe('the versions of keyspaces', () => {
  it('are the largest that any shard tells, and are told to the others', () => {
    const { versions, boards, heard } = rig()
    heard('a', 'product 8 7\nviews 2 2\n')
    heard('b', 'product 5 5\n')
    expect(versions.of('product')).toEqual({ announced: 8, inForce: 7 })
    expect(versions.of('session')).toEqual({ announced: 0, inForce: 0 })
    expect(boards.b.say().versions).toBe('product 8 7\nviews 2 2\n')
    expect(boards.b.say().notice).toContain('product 8 7')
  })

  it('never fall, also when a shard has forgotten them: it is told again with the next heartbeat', () => {
    const { versions, boards, heard } = rig()
    heard('a', 'product 8 8\n')
    heard('a', '')
    expect(versions.of('product')).toEqual({ announced: 8, inForce: 8 })
    expect(versions.reached(['a', 'b'], 'product', { announced: 8, inForce: 8 })).toEqual({ yes: [], no: ['a', 'b'] })
    expect(boards.a.say().versions).toBe('product 8 8\n')
  })

  it('are said with nothing at all while no keyspace was ever moved', () => {
    const { boards, heard, moves } = rig()
    expect(heard('a', '', { other: '' })).toBe(false)
    expect([boards.a.say(), moves]).toEqual([{ notice: '', ring: undefined, versions: '' }, []])
  })

  it('are known to all when every other member of every shard says so', () => {
    const { versions, heard } = rig()
    const goal = { announced: 8, inForce: 0 }
    versions.raise('product', goal)
    heard('a', 'product 8 0\n', { x: 'product 8 0\n', y: 'product 7 7\n' })
    heard('b', 'product 8 0\n', { x: 'product 8 0\n' })
    expect(versions.isSaidByAll('product', goal)).toBe(false)
    heard('a', 'product 8 0\n', { x: 'product 8 0\n', y: '' })
    expect(versions.isSaidByAll('product', goal)).toBe(false)
    heard('a', 'product 8 0\n', { x: 'product 8 0\n', y: 'product 8 7\n' })
    expect(versions.isSaidByAll('product', goal)).toBe(true)
  })

  it('have heartbeats go at once when one is raised, and sooner for a while', async () => {
    const { clock, versions, hurried, heard } = rig()
    versions.raise('product', { announced: 2, inForce: 0 })
    expect(hurried).toEqual(['a', 'b'])
    expect(heard('a', undefined)).toBe(true)
    await clock.advance(6 * HEARTBEAT_MS)
    expect(heard('a', undefined)).toBe(false)
  })

  it('tell by which others may still read', () => {
    const { moves, heard } = rig()
    heard('a', 'product 9 8\n', { x: 'product 8 7\n' })
    expect(moves.at(-1)).toEqual({ announced: 9, inForce: 8, oldest: 7, isUnknownToSome: true })
    heard('b', 'product 9 8\n')
    expect(moves.at(-1)).toEqual({ announced: 9, inForce: 8, oldest: 7, isUnknownToSome: false })
    heard('a', 'product 9 8\n', { x: 'product 9 8\n' })
    expect(moves.at(-1)).toEqual({ announced: 9, inForce: 8, oldest: 8, isUnknownToSome: false })
  })

  it('of a shard that has left count no more', () => {
    const { versions, heard } = rig()
    heard('a', 'product 8 8\n')
    heard('b', 'product 8 8\n', { x: '' })
    versions.leave('b')
    expect(versions.isSaidByAll('product', { announced: 8, inForce: 8 })).toBe(true)
    expect(versions.reached(['a', 'b'], 'product', { announced: 8, inForce: 8 })).toEqual({ yes: ['a'], no: ['b'] })
  })
})
