import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { Debts } from '../../src/store/journal/debts.ts'
import { Journal } from '../../src/store/journal/journal.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { content } from '../support/content.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ScriptedStorage } from './journal/journal-records.ts'
import { ScriptedServer } from './scripted-server.ts'

const HEARTBEAT_MS = 200
/** A shard forgets a silent member after this long; a minute after that its debts are lost. */
const FORGOTTEN_MS = 15_000
const LOST_MS = 60_000
const LONG = { ttlMs: 3_600_000 }

/** A sidecar with two shards, over its own ways to their memories. */
interface Sidecar {
  readonly x: TierShard
  readonly y: TierShard
  readonly ways: readonly ScriptedServer[]
}

let clock: ManualClock
let memories: readonly [ScriptedServer, ScriptedServer]
let journal: Journal
let holder: Sidecar
let other: Sidecar
const running: Sidecar[] = []

async function sidecar(member: string, kept?: Journal): Promise<Sidecar> {
  const ways = memories.map((memory) => new ScriptedServer(clock, memory))
  const debts = new Debts(clock)
  const [x, y] = ['x', 'y'].map((name, index) => {
    const options = { name, controls: 'test:~', member, timeoutMs: 1_000, heartbeatMs: HEARTBEAT_MS, rules: ALL_RULES }
    const parts = { clock, chance: systemChance, log: silentLog, onChanged: () => undefined, debts }
    return new TierShard(options, {
      ...parts,
      server: ways[index] as ScriptedServer,
      ...(name === 'x' && kept !== undefined ? { journal: kept } : {}),
    })
  }) as [TierShard, TierShard]
  const one = { x, y, ways }
  running.push(one)
  await Promise.all([x.start(), y.start()])
  return one
}

/** It is not heard of again, nor does it hear anything. */
function kill({ ways }: Sidecar): void {
  for (const way of ways) for (const name of ['beat', 'invalidate'] as const) way.ignored.add(name)
}

const isFound = async (key: string) => (await other.x.read(key)).found

beforeEach(async () => {
  clock = new ManualClock()
  memories = [new ScriptedServer(clock), new ScriptedServer(clock)]
  journal = new Journal({ id: 'j', maxBytes: 1 << 16 }, new ScriptedStorage(), [])
  holder = await sidecar('holder', journal)
  const starting = sidecar('other')
  await clock.advance(2 * HEARTBEAT_MS)
  other = await starting
  await clock.advance(2 * HEARTBEAT_MS)
  await other.x.put('owed', content('old', LONG))
  await other.x.put('untouched', content('value', LONG))
  // The holder does not reach the shard with it, and says so to the others.
  holder.ways[0]?.failing.add('invalidate')
  expect(await holder.x.defer('owed', 0)).toBe(true)
  await clock.advance(2 * HEARTBEAT_MS)
})
afterEach(async () => {
  const open = running.splice(0)
  for (const { ways } of open) for (const way of ways) way.ignored.clear()
  for (const { x, y } of open) await Promise.all([x.close(), y.close()])
})

describe('an invalidation that a sidecar has deferred', () => {
  it('is made good by another a minute after its holder has been given up, for the whole shard', async () => {
    kill(holder)
    await clock.advance(FORGOTTEN_MS + LOST_MS - 2_000)
    expect([await isFound('owed'), await isFound('untouched')]).toEqual([true, true])
    await clock.advance(4_000)
    expect([await isFound('owed'), await isFound('untouched')]).toEqual([false, false])
    expect(other.x.stats().epochs).toBe(2)
    expect(other.y.stats().epochs).toBe(1)
    await other.x.put('untouched', content('value', LONG))
    await clock.advance(2 * LOST_MS)
    expect(await isFound('untouched')).toBe(true)
    expect(other.x.stats().epochs).toBe(2)
  })

  it('costs the shard one epoch, however many know of it', async () => {
    const starting = sidecar('late')
    await clock.advance(4 * HEARTBEAT_MS)
    const late = await starting
    kill(holder)
    await clock.advance(FORGOTTEN_MS - 2_000)
    // It hears later than the other that the holder has been given up.
    for (const way of late.ways) way.failing.add('beat')
    await clock.advance(7_000)
    for (const way of late.ways) way.failing.clear()
    await clock.advance(2 * LOST_MS)
    for (const { x } of [other, late]) expect(x.stats().epochs).toBe(2)
  })

  it('is left to its holder while that lives, however long its way to the shard is cut', async () => {
    await clock.advance(3 * LOST_MS)
    expect(await isFound('untouched')).toBe(true)
    holder.ways[0]?.failing.clear()
    await clock.advance(3 * HEARTBEAT_MS)
    expect([await isFound('owed'), await isFound('untouched')]).toEqual([false, true])
    kill(holder)
    await clock.advance(FORGOTTEN_MS + 2 * LOST_MS)
    expect(await isFound('untouched')).toBe(true)
    expect(other.x.stats().epochs).toBe(1)
  })

  it('is left to whoever comes back with the journal within that minute', async () => {
    kill(holder)
    await clock.advance(FORGOTTEN_MS + LOST_MS / 2)
    const starting = sidecar('holder-again', journal)
    await clock.advance(4 * HEARTBEAT_MS)
    await starting
    await clock.advance(2 * LOST_MS)
    expect([await isFound('owed'), await isFound('untouched')]).toEqual([false, true])
    expect(other.x.stats().epochs).toBe(1)
  })
})
