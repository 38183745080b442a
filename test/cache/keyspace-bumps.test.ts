import { describe, expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { KeyspaceBumps } from '../../src/cache/keyspace-bumps.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { FleetVersions } from '../../src/store/fleet-versions.ts'
import { NoticeBoard } from '../../src/store/notice-board.ts'
import type { Tier } from '../../src/store/tier.ts'
import { pulseOf } from '../store/pulse-of.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { productPolicy } from '../support/use-cases.ts'

const HEARTBEAT_MS = 1_000

interface ScriptedShard {
  readonly name: string
  readonly board: NoticeBoard
  answers: boolean
}

/** One sidecar that bumps, shards that answer its heartbeats at once or not at all, and another sidecar that says what the test says. */
function rig() {
  const clock = new ManualClock()
  const versions = new FleetVersions(clock, HEARTBEAT_MS)
  const keyspaces = new Keyspaces({ env: 'test', policies: [productPolicy({ version: 3 })] })
  const shards: ScriptedShard[] = ['a', 'b'].map((name) => ({ name, board: new NoticeBoard(), answers: true }))
  const other = { says: undefined as string | undefined }
  /** What sidecars have said to the shards, in order. */
  const told: string[] = []
  const beat = ({ name, board }: ScriptedShard) => {
    const said = board.say().versions
    if (told.at(-1) !== said) told.push(said)
    const notices = [['other', JSON.stringify({ versions: other.says ?? said })] as const]
    board.heard(pulseOf({ members: ['me', 'other'], notices, versions: said }), {
      ...{ me: 'me', isNew: false, isSettled: true },
    })
    versions.heard(name, said)
  }
  for (const shard of shards) {
    const hurry = () => void clock.after(1, () => shard.answers && beat(shard))
    versions.join({ name: shard.name, board: shard.board, hurry })
  }
  versions.follow((keyspace, version) => keyspaces.move(keyspace, version))
  let last = 0
  const ask = async (_key: string, _name: string, args: () => { readonly taken: number }) => {
    last = Math.max(last, args().taken) + 1
    return { value: last }
  }
  const store = { shards, home: () => ({ ask }) } as unknown as Pick<Tier, 'home' | 'shards'>
  const bumps = new KeyspaceBumps(
    { env: 'test', rules: ALL_RULES },
    { keyspaces, versions, store, clock, log: silentLog },
  )
  return { clock, bumps, keyspaces, shards, other, told }
}

/** What became of it by now. */
function outcomeOf(bump: Promise<number>) {
  const outcome: { is?: unknown } = {}
  bump.then(
    (version) => {
      outcome.is = version
    },
    (error: unknown) => {
      outcome.is = error
    },
  )
  return outcome
}

describe('a bump of a keyspace', () => {
  it('is announced to all shards before it is in force on any, and resolves to the version that is read then', async () => {
    const { clock, bumps, keyspaces, told } = rig()
    const bump = outcomeOf(bumps.bump('product'))
    await clock.advance(HEARTBEAT_MS)
    expect(bump.is).toBe(4)
    expect(keyspaces.version('product')).toBe(4)
    expect(told.filter((text) => text !== '')).toEqual(['product 4 0\n', 'product 4 4\n'])
  })

  it('is not in force before every live sidecar has said that it knows, for two heartbeats', async () => {
    const { clock, bumps, keyspaces, other } = rig()
    other.says = 'product 3 3\n'
    const bump = outcomeOf(bumps.bump('product'))
    await clock.advance(2 * HEARTBEAT_MS - 200)
    expect([bump.is, keyspaces.version('product')]).toEqual([undefined, 3])
    other.says = undefined
    await clock.advance(HEARTBEAT_MS)
    expect(bump.is).toBe(4)
  })

  it('does not wait longer for one that says nothing: what it answers counts as current no more', async () => {
    const { clock, bumps, other } = rig()
    other.says = 'product 3 3\n'
    const bump = outcomeOf(bumps.bump('product'))
    await clock.advance(5 * HEARTBEAT_MS)
    expect(bump.is).toBe(4)
  })

  it('fails where a shard gives no answer, names it, and is in force nowhere; repeated, it succeeds', async () => {
    const { clock, bumps, keyspaces, shards } = rig()
    shards[1]!.answers = false
    const bump = outcomeOf(bumps.bump('product'))
    await clock.advance(3 * HEARTBEAT_MS)
    expect(bump.is).toMatchObject({
      reason: 'SHARD_UNAVAILABLE',
      metadata: { keyspace: 'product', shards: 'b' },
      message: expect.stringContaining('has reached 1 of 2 shards, and not b'),
    })
    expect(keyspaces.version('product')).toBe(3)
    shards[1]!.answers = true
    const again = outcomeOf(bumps.bump('product'))
    await clock.advance(HEARTBEAT_MS)
    expect(again.is).toBe(5)
  })

  it('waits for one that is under way, and is shared by all who ask meanwhile', async () => {
    const { clock, bumps } = rig()
    const first = bumps.bump('product')
    await clock.advance(1)
    const [second, third] = [bumps.bump('product'), bumps.bump('product')]
    await clock.advance(3 * HEARTBEAT_MS)
    expect(await Promise.all([first, second, third])).toEqual([4, 5, 5])
    const later = bumps.bump('product')
    await clock.advance(HEARTBEAT_MS)
    expect(await later).toBe(6)
  })

  it('is refused at once for a keyspace that is not configured', () => {
    expect(() => rig().bumps.bump('prodcut')).toThrow('keyspace "prodcut" is not configured; known: product')
  })
})
