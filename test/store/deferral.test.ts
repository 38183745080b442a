import { describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { Deferral } from '../../src/store/deferral.ts'
import { Journal } from '../../src/store/journal/journal.ts'
import type { JournalRecord } from '../../src/store/journal/journal-record.ts'
import type { Line } from '../../src/store/line.ts'
import { OpenLine } from '../../src/store/open-line.ts'
import { ReplayLog } from '../../src/store/replay-log.ts'
import { TierShard } from '../../src/store/tier-shard.ts'
import { content } from '../support/content.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ScriptedStorage } from './journal/journal-records.ts'
import { heardAt } from './pulse-of.ts'
import { ScriptedServer } from './scripted-server.ts'

const HEARTBEAT_MS = 200
const UNANSWERED = { reason: 'SHARD_UNAVAILABLE' }
const WAITS = { reason: 'SHARD_UNAVAILABLE', metadata: { kind: 'journal' } }

/** A shard whose journal held `records` when it was opened. */
async function rig({
  records = [] as readonly JournalRecord[],
  maxBytes = 1 << 16,
  stored = [] as readonly string[],
} = {}) {
  const clock = new ManualClock()
  const server = new ScriptedServer(clock)
  const storage = new ScriptedStorage()
  const said: string[] = []
  const note = (_fields: object, message: string) => void said.push(message)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const parts = { server, clock, chance: systemChance, log, onChanged: () => undefined }
  const options = (member: string) => ({
    name: 'a',
    controls: 'test:~',
    member,
    timeoutMs: 1_000,
    heartbeatMs: HEARTBEAT_MS,
    rules: ALL_RULES,
  })
  const before = new TierShard(options('before'), parts)
  await before.start()
  for (const key of stored) await before.put(key, content('old'))
  const { epochs } = before.stats()
  await before.close()
  const journal = new Journal({ id: 'j', maxBytes }, storage, records)
  const shard = new TierShard(options('m'), { ...parts, journal, replicas: [{ name: '1', server }] })
  const isFound = async (key: string) => (await shard.read(key)).found
  return { clock, server, storage, said, journal, shard, isFound, epochs }
}

const key = (name: string): JournalRecord => ({ kind: 'key', key: name, holdMs: 0 })

describe('a shard whose journal holds invalidations', () => {
  it('is asked for nothing else before they have been replayed', async () => {
    const { clock, server, shard, isFound } = await rig({ records: [key('k')], stored: ['k', 'other'] })
    server.failing.add('invalidate')
    await shard.start()
    await expect(shard.read('other')).rejects.toMatchObject(WAITS)
    await expect(shard.read('other', { tracked: true })).rejects.toMatchObject(WAITS)
    await expect(shard.put('other', content('new'))).rejects.toMatchObject(WAITS)
    expect(shard.state()).toMatchObject({ up: false, why: expect.stringContaining('journal') })
    server.failing.clear()
    await clock.advance(2 * HEARTBEAT_MS)
    expect([await isFound('k'), await isFound('other')]).toEqual([false, true])
    expect(shard.state()).toEqual({ up: true, warnings: [] })
    await shard.close()
  })

  it('strikes them out when they have been replayed', async () => {
    const { clock, shard, journal, said } = await rig({ records: [key('k')], stored: ['k'] })
    await shard.start()
    await clock.advance(HEARTBEAT_MS)
    expect(journal.isEmpty).toBe(true)
    expect(said).toContain('journal replayed')
    await shard.close()
  })

  it('lets further invalidations through meanwhile', async () => {
    const { server, shard } = await rig({ records: [key('k')] })
    server.failing.add('invalidate')
    await shard.start()
    await expect(shard.read('other')).rejects.toMatchObject(WAITS)
    server.failing.clear()
    expect(await shard.invalidate('other', { staleKeepMs: 0 })).toBeGreaterThan(0)
    await shard.close()
  })

  it('holds what had to be held', async () => {
    const { clock, shard } = await rig({ records: [{ kind: 'key', key: 'k', holdMs: 5_000 }] })
    await shard.start()
    await clock.advance(HEARTBEAT_MS)
    const acquired = await shard.acquire('k', { token: Buffer.alloc(16, 1), leaseTtlMs: 1_000 })
    expect(acquired.outcome === 'granted' && acquired.holdMs).toBeGreaterThan(4_000)
    await shard.close()
  })
})

describe('an invalidation that is deferred', () => {
  it('shuts the shard at once, and is made good as soon as it can be', async () => {
    const { clock, server, shard, isFound, journal } = await rig({ stored: ['k'] })
    await shard.start()
    expect(await isFound('k')).toBe(true)
    server.failing.add('invalidate')
    const deferred = shard.defer('k', 0)
    await expect(isFound('k')).rejects.toMatchObject(WAITS)
    expect(await deferred).toBe(true)
    server.failing.clear()
    await clock.advance(2 * HEARTBEAT_MS)
    expect(await isFound('k')).toBe(false)
    expect(journal.isEmpty).toBe(true)
    await shard.close()
  })

  it('hides its key on replicas too, and no other', async () => {
    const { clock, server, shard } = await rig({ stored: ['k', 'other'] })
    await shard.start()
    await clock.advance(2 * HEARTBEAT_MS)
    const fromReplica = (name: string) => shard.readReplica(name, { notBefore: Number.NEGATIVE_INFINITY, anyway: true })
    expect(await fromReplica('k')).toBeDefined()
    server.failing.add('invalidate')
    await shard.defer('k', 0)
    expect([await fromReplica('k'), await fromReplica('other')]).toEqual([undefined, expect.anything()])
    await shard.close()
  })

  it('is refused where the disk fails', async () => {
    const { server, storage, shard } = await rig()
    await shard.start()
    server.failing.add('invalidate')
    storage.failure = new Error('EIO')
    expect(await shard.defer('k', 0)).toBe(false)
    await shard.close()
  })

  it('stays in the journal until the others have heard of this sidecar', async () => {
    const { clock, server, journal, shard, isFound } = await rig({ records: [key('k')], stored: ['k'] })
    const other = new TierShard(
      { name: 'a', controls: 'test:~', member: 'o', timeoutMs: 1_000, heartbeatMs: 1e6, rules: ALL_RULES },
      { server, clock, chance: systemChance, log: silentLog, onChanged() {} },
    )
    await other.start()
    void shard.start()
    await clock.advance(5 * HEARTBEAT_MS)
    expect(await isFound('k')).toBe(false)
    expect(journal.owes('k')).toBe(true)
    await clock.advance(20_000)
    expect(journal.isEmpty).toBe(true)
    await Promise.all([shard.close(), other.close()])
  })
})

describe('a write whose outcome stays unknown', () => {
  const cut = (server: ScriptedServer) => {
    for (const { lose } of server.dialled) lose()
  }

  it('leaves an invalidation of its key', async () => {
    const { clock, server, shard, isFound } = await rig({ stored: ['k'] })
    await shard.start()
    server.breaksAtFirstRequest = true
    await expect(shard.put('k', content('new'), { write: { holdMs: 0 } })).rejects.toMatchObject(UNANSWERED)
    server.breaksAtFirstRequest = false
    await clock.advance(5_000)
    expect(await isFound('k')).toBe(false)
    await shard.close()
  })

  it('leaves none when it never left, or when it is a load that nobody waits to have acknowledged', async () => {
    const { server, journal, shard } = await rig({ stored: ['k'] })
    await shard.start()
    server.breaksAtFirstRequest = true
    await expect(shard.put('k', content('new'))).rejects.toMatchObject(UNANSWERED)
    cut(server)
    await expect(shard.put('k', content('new'), { write: { holdMs: 0 } })).rejects.toMatchObject(UNANSWERED)
    expect(journal.isEmpty).toBe(true)
    await shard.close()
  })
})

describe('a shard whose journal has lost sight of its keys', () => {
  const lost: JournalRecord = { kind: 'everything', why: 'damaged' }

  it('begins a new epoch before anything else is asked of it, in which nothing of the old one is found', async () => {
    const { clock, shard, isFound, journal, said } = await rig({ records: [lost], stored: ['k'] })
    await shard.start()
    await expect(isFound('k')).rejects.toMatchObject(WAITS)
    await expect(shard.read('k', { tracked: true })).rejects.toMatchObject(WAITS)
    const isShut = () =>
      isFound('k').then(
        () => false,
        () => true,
      )
    while (await isShut()) await clock.advance(1)
    // The line for tracked reads has not heard of it yet.
    expect((await shard.read('k', { tracked: true })).found).toBe(false)
    expect(await isFound('k')).toBe(false)
    await clock.advance(HEARTBEAT_MS)
    expect(journal.isEmpty).toBe(true)
    expect(said.join()).toContain('epoch of the shard was ended')
    expect(shard.stats().epochs).toBe(2)
    await shard.put('k', content('new'))
    await clock.advance(10 * HEARTBEAT_MS)
    expect(await isFound('k')).toBe(true)
    expect(shard.stats().epochs).toBe(2)
    await shard.close()
  })

  it('is not believed before a heartbeat tells of an epoch that knows nothing of the old one', async () => {
    const clock = new ManualClock()
    const journal = new Journal({ id: 'j', maxBytes: 1 << 16 }, new ScriptedStorage(), [lost])
    const changes = new ReplayLog(clock)
    const deferral = new Deferral({ shard: 'a', journal, changes, clock, log: silentLog, settled: () => true })
    const open = new OpenLine({} as Line, heardAt(0, { epoch: 1 }), { rules: ALL_RULES, heartbeatMs: HEARTBEAT_MS })
    const told = [
      { epoch: 1 },
      { epoch: 1 },
      { epoch: 2, past: { epochs: [1], last: 1, stamp: 1 } },
      { epoch: 3, accepted: [1] },
    ]
    for (const pulse of told) {
      open.hear(heardAt(0, pulse))
      expect([deferral.heard(open), deferral.blocks, deferral.ends]).toEqual([true, true, pulse.epoch])
    }
    open.hear(heardAt(0, { epoch: 4 }))
    expect([deferral.heard(open), deferral.blocks, deferral.ends]).toEqual([false, false, undefined])
    expect(changes.covers(clock.now())).toBe(false)
  })

  it('does so, too, when it was full', async () => {
    const { clock, server, shard, isFound } = await rig({ maxBytes: 100, stored: ['k', 'other'] })
    await shard.start()
    server.failing.add('invalidate')
    for (let index = 0; index < 10; index += 1) expect(await shard.defer(`key-${index}`, 0)).toBe(true)
    await expect(isFound('other')).rejects.toMatchObject(WAITS)
    server.failing.clear()
    for (const { lose } of server.dialled) lose()
    await clock.advance(5 * HEARTBEAT_MS)
    expect([await isFound('k'), await isFound('other')]).toEqual([false, false])
    expect(shard.stats()).toMatchObject({ journal: { keys: 0, losses: { full: 1 } } })
    await shard.close()
  })
})
